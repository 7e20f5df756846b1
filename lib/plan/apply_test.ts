import assert from "node:assert/strict";
import type { Cluster } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";
import { applySteps, type Hands, type StepResult } from "./apply.ts";
import { accessesFor } from "./permissions.ts";
import type { ApplyStep, Step } from "./plan.ts";

const STEP = {
  action: "update",
  cluster: "east",
  peer: "west",
  manifest: { metadata: { name: "west" }, spec: { trustDomain: "west.example" } },
  force: false,
  why: "",
  asks: [],
} as unknown as ApplyStep;

/** What becomes of a step on a cluster that does these things. */
async function carriedOut(step: Step, cluster: Partial<Cluster>): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  const hands = { clusterOf: () => cluster, signal: new AbortController().signal };
  await applySteps([step], hands as unknown as Hands, (result) => results.push(result));
  return results;
}

Deno.test("another manager's fields are taken only by a step that says so", async () => {
  for (const force of [false, true]) {
    const calls: unknown[] = [];
    const apply = (...[, options]: Parameters<Cluster["apply"]>) => {
      calls.push(options);
      return Promise.resolve({}) as unknown as ReturnType<Cluster["apply"]>;
    };

    await carriedOut({ ...STEP, force }, { apply });

    assert.deepEqual(calls, [{ dryRun: false, force }]);
  }
});

Deno.test("a write whose answer was lost counts as done only where the object says what was written", async () => {
  const apply = () => Promise.reject(new SpirefedError("preflight", "cut", { code: "net/reset" }));
  const holding = (spec: unknown) => ({ get: () => Promise.resolve({ spec }) });

  const [same] = await carriedOut(STEP, { apply, ...holding(STEP.manifest.spec) } as never);
  const [other] = await carriedOut(STEP, { apply, ...holding({}) } as never);

  assert.equal(same?.failure, undefined);
  assert.equal(other?.failure?.code, "net/reset");
});

Deno.test("taking a peer off the static list needs the permission to patch SpireServer", () => {
  const step = { action: "unlist", cluster: "east", trustDomains: [] } as unknown as Step;

  assert.deepEqual(accessesFor([step]).map(({ verb, resource }) => `${verb} ${resource}`), [
    "patch spireservers",
  ]);
});

Deno.test("an object that is updated needs the permission to patch it", () => {
  assert.deepEqual(accessesFor([STEP]).map(({ verb, resource }) => `${verb} ${resource}`), [
    "patch clusterfederatedtrustdomains",
  ]);
});
