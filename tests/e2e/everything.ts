/**
 * All that a cluster holds, for comparing before with after.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Json } from "./api.ts";
import { kubectl, spireServer, type TestCluster } from "./clusters.ts";

/** Kinds whose objects come and go, or change, by themselves. */
const RESTLESS = ["events", "leases", "endpoints", "endpointslices", "componentstatuses"];

/** Every object of every kind by name and content, and what the SPIRE server stores. */
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
  for (const [what, words] of STORED) {
    const { stdout } = await spireServer(cluster, [...words, "-output", "json"]);
    found.set(`spire-server ${what}`, namesIn(JSON.parse(stdout)));
  }
  return found;
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
