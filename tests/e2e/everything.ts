/**
 * All that a cluster holds, for comparing before with after.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Json } from "./api.ts";
import { kubectl, spireServer, type TestCluster } from "./clusters.ts";
import { until } from "./process.ts";
import { OPERATOR_NAMESPACE } from "./topology.ts";

/** Kinds whose objects come and go, or change, by themselves. */
const RESTLESS = ["events", "leases", "endpoints", "endpointslices", "componentstatuses"];

/** Every object of every kind by name and content, and what the SPIRE server stores, if there is one. */
export async function everythingIn(cluster: TestCluster): Promise<ReadonlyMap<string, string>> {
  const kinds = (await demand(cluster, ["api-resources", "--verbs=list", "-o", "name"]))
    .split("\n").filter((name) => name !== "" && !RESTLESS.includes(name.split(".")[0] ?? ""));
  const { items }: Json = JSON.parse(
    await demand(cluster, ["get", kinds.join(","), "-A", "-o", "json"]),
  );
  const found = new Map<string, string>();
  for (const { kind, metadata, status: _, ...content } of items) {
    const { namespace = "", name, uid, labels, annotations } = metadata;
    const text = JSON.stringify([uid, labels, annotations, content]);
    found.set(`${kind} ${namespace}/${name}`, createHash("sha256").update(text).digest("hex"));
  }
  // What no server stores is asked of none.
  const stored = found.has(`Pod ${OPERATOR_NAMESPACE}/spire-server-0`) ? STORED : [];
  for (const [what, words] of stored) {
    const { stdout } = await spireServer(cluster, [...words, "-output", "json"]);
    found.set(`spire-server ${what}`, namesIn(JSON.parse(stdout)));
  }
  return found;
}

/** Demands that all is as it was; what goes with what went may take its time. */
export async function assertEverything(
  cluster: TestCluster,
  expected: ReadonlyMap<string, string> | undefined,
): Promise<void> {
  let held: ReadonlyMap<string, string> | undefined;
  await until("all to be as it was", async () => {
    held = await everythingIn(cluster);
    return isDeepStrictEqual(held, expected);
  }).catch(() => {});
  assert.deepEqual(held, expected);
}

const STORED = [
  ["bundles", ["bundle", "list"]],
  ["relationships", ["federation", "list"]],
  ["entries", ["entry", "show"]],
] as const;

function namesIn({ bundles, federation_relationships, entries }: Json): string {
  const named: readonly Json[] = bundles ?? federation_relationships ?? entries ?? [];
  return named.map(({ trust_domain, id }) => trust_domain ?? id).sort().join(" ");
}

async function demand(cluster: TestCluster, words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await kubectl(cluster, words);
  if (code !== 0) throw new Error(`${words.join(" ")}: ${stderr}`);
  return stdout;
}
