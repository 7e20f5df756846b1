/**
 * A question to the real parts, with ours beside it.
 *
 * @module
 */
import type { Answer, Question } from "./reference.ts";

/** One question, and what the answer has to be for ours to be right. */
export interface Case {
  readonly question: Question;
  /** Which of the parts that answer is the one whose refusals are binding. */
  readonly part: string;
  /** Why ours refuses, as a stable word; `undefined` when it accepts. */
  readonly refusal: string | undefined;
  /** What contradicts the answer, when ours accepts. */
  readonly contradictions: (answer: Answer) => readonly string[];
}

/** What came of a suite. */
export interface Comparison {
  readonly asked: number;
  readonly acceptedThere: number;
  readonly acceptedByBoth: number;
  /** How often ours refused what the real part takes, by reason. */
  readonly stricter: ReadonlyMap<string, number>;
  readonly contradictions: readonly string[];
}

/** Sets ours against the answers. */
export function compare(cases: readonly Case[], answers: readonly Answer[]): Comparison {
  const stricter = new Map<string, number>();
  const contradictions: string[] = [];
  let acceptedThere = 0;
  let acceptedByBoth = 0;
  for (const [at, { part, refusal, contradictions: judge, question }] of cases.entries()) {
    const answer = answers[at];
    const said = answer?.[part];
    if (answer === undefined || said === undefined) throw new Error(`no answer of ${part}`);
    if (said.error === "") {
      acceptedThere++;
      if (refusal === undefined) acceptedByBoth++;
      else stricter.set(refusal, (stricter.get(refusal) ?? 0) + 1);
    }
    if (refusal !== undefined) continue;
    const found = said.error === "" ? judge(answer) : [`accepted; ${part}: ${said.error}`];
    contradictions.push(...found.map((text) => `${text}\n    ${shown(question)}`));
  }
  return { asked: cases.length, acceptedThere, acceptedByBoth, stricter, contradictions };
}

function shown(question: Question): string {
  return JSON.stringify(
    question,
    (_name, value) => value instanceof Uint8Array ? value.toBase64() : value,
  );
}
