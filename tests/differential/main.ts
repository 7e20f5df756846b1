/**
 * `deno task differential [COUNT] [SEED] [SUITE]`, or `… record` (record.ts): sets lib/spiffe and `cfdt lint` beside
 * the real parts, go-spiffe, SPIRE and spire-controller-manager, over seeded documents.
 *
 * What they refuse, ours must refuse; what ours accepts, they must accept with the same
 * facts. What ours refuses beyond that is counted by reason. Needs Go.
 *
 * @module
 */
import process from "node:process";
import { bundleCases } from "./bundle_suite.ts";
import { certificateCases } from "./certificate_suite.ts";
import { federationCases } from "./federation_suite.ts";
import { nameCases } from "./name_suite.ts";
import { record } from "./record.ts";
import { ask, buildReference } from "./reference.ts";
import { type Case, compare, type Comparison } from "./suite.ts";
import { svidCases } from "./svid_suite.ts";

const SUITES: Readonly<
  Record<string, (count: number, seed: number) => readonly Case[] | Promise<readonly Case[]>>
> = {
  names: nameCases,
  bundles: bundleCases,
  certificates: certificateCases,
  svids: svidCases,
  federations: federationCases,
};

const [count = "3000", seed = "20261125", only] = process.argv.slice(2);
process.exitCode = await main();

async function main(): Promise<number> {
  const built = buildReference();
  if (built.missing !== undefined) {
    process.stderr.write(`differential: not run: ${built.missing}\n`);
    return 2;
  }
  if (count === "record") {
    process.stdout.write(`${await record(built.path)} verdicts recorded\n`);
    return 0;
  }
  let contradictions = 0;
  for (const [name, make] of Object.entries(SUITES)) {
    if (only !== undefined && only !== name) continue;
    const cases = await make(Number(count), Number(seed));
    const answers = await ask(built.path, cases.map(({ question }) => question));
    const comparison = compare(cases, answers);
    process.stdout.write(report(name, comparison));
    contradictions += comparison.contradictions.length;
  }
  return contradictions === 0 ? 0 : 1;
}

function report(name: string, comparison: Comparison): string {
  const { asked, acceptedThere, acceptedByBoth, stricter, contradictions } = comparison;
  const reasons = [...stricter].toSorted(([, one], [, other]) => other - one)
    .map(([reason, times]) => `    ours is stricter ${times} times: ${reason}\n`);
  return `${name}: ${asked} asked, ${acceptedThere} accepted there, ${acceptedByBoth} by both, ` +
    `${contradictions.length} contradictions\n${reasons.join("")}` +
    contradictions.slice(0, 20).map((text) => `  CONTRADICTION ${shorten(text)}\n`).join("");
}

/** All of a question can be had with SUITE and a lower COUNT. */
function shorten(text: string): string {
  return process.env["WHOLE"] || text.length < 600 ? text : `${text.slice(0, 600)}…`;
}
