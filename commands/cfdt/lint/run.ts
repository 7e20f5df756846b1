import type { Context } from "../../../lib/context.ts";
import { SpirefedError } from "../../../lib/errors.ts";
import { printable } from "../../../lib/output/printable.ts";
import { type FoundObject, readManifests } from "../../../manifests/yaml_reading.ts";
import type { Run } from "../../command.ts";
import { lintAll } from "./lint_all.ts";
import type { spec } from "./spec.ts";

/** `oc spirefed cfdt lint -f FILE` */
export const run: Run<typeof spec> = async ({ flags }, context) => {
  if (flags.filename.length === 0) {
    throw new SpirefedError("usage", "Nothing to judge: no file was given", {
      remedy: "oc spirefed cfdt lint -f cfdt.yaml",
    });
  }
  const { judged, others } = divide(await readAll(flags.filename, context));
  for (const kind of others) {
    context.stderr(`note: not judged: ${printable(kind, 100)}\n`);
  }
  if (judged.length === 0) {
    throw new SpirefedError("usage", "No ClusterFederatedTrustDomain in the input", {
      code: "input/empty",
      remedy: `kubectl explain clusterfederatedtrustdomain.spec shows what one looks like`,
    });
  }
  const items = lintAll(judged, { now: flags.at ?? context.now() });
  return {
    result: { kind: "LintReport", items },
    failure: items.every(({ ok }) => ok) ? undefined : "usage",
  };
};

async function readAll(
  paths: readonly string[],
  context: Context,
): Promise<readonly FoundObject[]> {
  const found: FoundObject[] = [];
  for (const path of new Set(paths)) {
    const name = path === "-" ? "standard input" : path;
    found.push(...readManifests(await context.readFile(path), name));
  }
  return found;
}

function divide(
  found: readonly FoundObject[],
): { readonly judged: readonly FoundObject[]; readonly others: ReadonlySet<string> } {
  const judged = found.filter(({ object }) => object.kind === "ClusterFederatedTrustDomain");
  const others = found.filter((one) => !judged.includes(one))
    .map(({ object: { kind } }) => typeof kind === "string" ? kind : "an object without a kind");
  return { judged, others: new Set(others) };
}
