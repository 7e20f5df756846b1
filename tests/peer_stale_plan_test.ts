/** What changes between plan and write: `peer` must notice, and write nothing. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import type { ClusterState } from "../sandbox/model.ts";
import { change, declaredByHand, rotating } from "./support/ailments.ts";
import { type Practice, practice, type WorldPatch } from "./support/practice.ts";

const MEANWHILE: readonly (readonly [what: string, patch: WorldPatch, says: RegExp])[] = [
  [
    "an object was made",
    declaredByHand("east", "west"),
    /\[east\] ClusterFederatedTrustDomain\/federation-to-cluster2 was made by somebody meanwhile/,
  ],
  [
    "an object was changed",
    change("east", ({ objects }) => ({
      objects: withMetadata(objects, "clusterfederatedtrustdomains//theirs", {
        resourceVersion: "999999",
      }),
    })),
    /\[east\] ClusterFederatedTrustDomain\/theirs was changed by somebody meanwhile/,
  ],
  ["a CA was prepared", rotating("west", "prepare"), /\[west\] its authorities changed meanwhile/],
  [
    "the name led to another cluster",
    change(
      "east",
      ({ objects }) => ({
        objects: withMetadata(objects, "namespaces//kube-system", { uid: "another" }),
      }),
    ),
    /\[east\] it is another cluster than the one that was looked at/,
  ],
];

for (const [what, patch, says] of MEANWHILE) {
  Deno.test(`a plan is stale, and nothing is written, when ${what} after it was shown`, async () => {
    const under: { run?: Practice } = {};
    const meanwhile = async (): Promise<void> => {
      if (under.run !== undefined) await patch(under.run);
    };
    const run = await practice({
      patch: declaredByHand("east", "west", "theirs", { className: "another" }),
      faults: [{ cluster: "east", verb: "apply", dryRun: true, nth: 1, meanwhile }],
    });
    under.run = run;

    assert.equal(await main(["peer", "east", "west"], run.context), 4, run.context.err.join(""));

    assert.equal(run.writes(), 0);
    assert.match(run.context.err.join(""), says);
    assert.match(run.context.err.join(""), /the plan is stale, nothing was written/);
  });
}

function withMetadata(
  objects: ClusterState["objects"],
  key: string,
  changed: { readonly uid?: string; readonly resourceVersion?: string },
): ClusterState["objects"] {
  const held = objects.get(key);
  if (held === undefined) throw new Error(`no ${key}`);
  const metadata = { ...held.manifest.metadata, ...changed };
  return new Map(objects).set(key, { ...held, manifest: { ...held.manifest, metadata } });
}
