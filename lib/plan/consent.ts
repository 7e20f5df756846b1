/**
 * Asking before what must be asked.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import type { Ask, Step } from "./plan.ts";

/** Who can be asked, and what was agreed to beforehand. */
export interface Consenting {
  /** `--yes`. */
  readonly yes: boolean;
  /** Asks a person; `undefined` when nobody is there. */
  readonly ask: (question: string) => Promise<string | undefined>;
  readonly stderr: (text: string) => void;
}

/** The things to agree to, each once, however many steps need it. */
export function asksOf(steps: readonly Pick<Step, "asks">[]): readonly Ask[] {
  const asks = new Map<string, Ask>();
  for (const step of steps) for (const ask of step.asks) asks.set(ask.question, ask);
  return [...asks.values()];
}

/**
 * Gets consent to everything that steps ask for, or stops before anything is written.
 *
 * @throws {SpirefedError} `refused`, when a person says no, or when nobody can be asked
 * and no flag agreed.
 */
export async function consent(
  steps: readonly Pick<Step, "asks">[],
  { yes, ask, stderr }: Consenting,
): Promise<void> {
  for (const { question, evidence, yes: yesAgrees, flag } of asksOf(steps)) {
    stderr(`\n${question}\n${evidence.map((line) => `  ${line}\n`).join("")}`);
    if (yes && yesAgrees) {
      stderr("  agreed by --yes\n");
      continue;
    }
    const answer = await ask("  Type yes to agree: ");
    if (answer?.trim().toLowerCase() === "yes") continue;
    throw new SpirefedError(
      "refused",
      `${question} ${answer === undefined ? "There is nobody to ask" : "Not agreed to"}`,
      {
        code: "consent/missing",
        remedy: remedyFor(answer, yesAgrees, flag),
      },
    );
  }
}

function remedyFor(
  answer: string | undefined,
  yesAgrees: boolean,
  flag: string | undefined,
): string {
  if (answer !== undefined) return "nothing was written; look into it and run the command again";
  if (flag !== undefined) return `run it on a terminal, or agree with ${flag}`;
  return yesAgrees
    ? "run it on a terminal, or agree with --yes"
    : "run it on a terminal: --yes does not agree to this";
}
