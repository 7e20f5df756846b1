/**
 * A direction of trust. SPIFFE federation is one-way: what people call mutual trust
 * is two of these, planned and proven each by itself.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import type { Side } from "./side.ts";

/** `holder` is to trust the workloads of `peer`; both are contexts. */
export interface Edge {
  readonly holder: string;
  readonly peer: string;
}

/** The most clusters that are meshed without being told to. */
const SILENT_MESH_LIMIT = 10;

/**
 * The directions to set up between clusters.
 *
 * @param topology `mesh`, `hub=CTX`, or the text of a file with one pair of contexts a
 * line (`#` begins a comment); absent, a mesh of up to ten clusters.
 * @throws {SpirefedError} `usage`, naming the line or the word that is wrong.
 */
export function edgesOf(
  clusters: readonly string[],
  topology: { readonly word: string | undefined; readonly file?: string | undefined },
): Edge[] {
  const { word, file } = topology;
  if (word === undefined && clusters.length > SILENT_MESH_LIMIT) {
    throw new SpirefedError(
      "usage",
      `${clusters.length} clusters would be ${
        clusters.length * (clusters.length - 1)
      } relationships: say which`,
      { remedy: "add --topology mesh, --topology hub=CTX, or --topology FILE with a pair a line" },
    );
  }
  if (word === undefined || word === "mesh") {
    return clusters.flatMap((holder) =>
      clusters.filter((peer) => peer !== holder).map((peer) => ({ holder, peer }))
    );
  }
  if (word.startsWith("hub=")) return spokes(clusters, word.slice("hub=".length));
  return pairs(clusters, word, file ?? "");
}

function spokes(clusters: readonly string[], hub: string): Edge[] {
  requireNamed(clusters, hub, `--topology hub=${hub}`);
  return clusters.filter((cluster) => cluster !== hub).flatMap((spoke) => mutual(hub, spoke));
}

function pairs(clusters: readonly string[], path: string, text: string): Edge[] {
  const edges = new Map<string, Edge>();
  for (const [at, line] of text.split("\n").entries()) {
    const words = line.replace(/(^|\s)#.*$/, "").trim().split(/\s+/).filter((word) => word !== "");
    if (words.length === 0) continue;
    const [first, second] = words;
    if (first === undefined || second === undefined || words.length !== 2 || first === second) {
      throw new SpirefedError("usage", `${path}:${at + 1}: not a pair of two contexts`, {
        remedy: "write two contexts a line, with a space between",
      });
    }
    for (const name of [first, second]) requireNamed(clusters, name, `${path}:${at + 1}`);
    for (const edge of mutual(first, second)) edges.set(JSON.stringify(edge), edge);
  }
  if (edges.size > 0) return [...edges.values()];
  throw new SpirefedError("usage", `${path}: no pair of contexts in it`, {
    remedy: "write two contexts a line, with a space between",
  });
}

function mutual(first: string, second: string): Edge[] {
  return [{ holder: first, peer: second }, { holder: second, peer: first }];
}

function requireNamed(clusters: readonly string[], name: string, where: string): void {
  if (clusters.includes(name)) return;
  throw new SpirefedError("usage", `${where}: ${name} is not among the clusters named`, {
    remedy: `name it on the command line too: peer ${[...clusters, name].join(" ")}`,
  });
}

/**
 * Refuses what only looks like several clusters.
 *
 * @throws {SpirefedError} `usage`, for two contexts of one cluster and for two clusters
 * in one trust domain.
 */
export function requireDistinct(
  sides: readonly Pick<Side, "cluster" | "identity" | "trustDomain">[],
): void {
  const byIdentity = new Map<string, string>();
  const byTrustDomain = new Map<string, string>();
  for (const { cluster, identity, trustDomain } of sides) {
    const same = byIdentity.get(identity);
    if (same !== undefined) {
      throw new SpirefedError("usage", `${same} and ${cluster} are contexts of one cluster`, {
        code: "clusters/same",
        remedy: "name each cluster once: a cluster always trusts itself",
      });
    }
    const other = byTrustDomain.get(trustDomain);
    if (other !== undefined) {
      throw new SpirefedError(
        "usage",
        `${other} and ${cluster} are both in trust domain ${trustDomain}`,
        {
          code: "clusters/one-trust-domain",
          remedy:
            "federation joins different trust domains; one of the two must be set up anew with another",
        },
      );
    }
    byIdentity.set(identity, cluster);
    byTrustDomain.set(trustDomain, cluster);
  }
}
