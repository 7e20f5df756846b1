/**
 * What the program writes, seen from between it and its clusters.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestCluster } from "./clusters.ts";
import { begin, resultOf } from "./program.ts";
import type { Finished } from "./process.ts";
import { type Cut, type Proxy, proxyTo } from "./proxy.ts";

/** Proxies before clusters, told of each real write with its request line. */
export async function watchWrites(
  clusters: readonly TestCluster[],
  onWrite: (line: string) => Cut | undefined,
): Promise<Proxy> {
  const onRequest = (line: string): Cut | undefined => isWrite(line) ? onWrite(line) : undefined;
  const proxies: Proxy[] = [];
  for (const cluster of clusters) {
    proxies.push(await proxyTo(cluster, { onRequest }, proxies.at(-1)?.kubeconfig));
  }
  return {
    kubeconfig: proxies.at(-1)?.kubeconfig ?? "",
    [Symbol.asyncDispose]: async () => {
      for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
    },
  };
}

function isWrite(line: string): boolean {
  return /^(PATCH|POST|PUT|DELETE) /.test(line) && !line.includes("dryRun=All") &&
    !line.includes("/selfsubjectaccessreviews");
}

/** The kind of a written object, as paths have it. */
export function kindOf(write: string): string {
  return write.split("/").at(-2) ?? "";
}

/** More would mean that runs do not get further. */
const MOST_RUNS = 60;

/**
 * Runs a command line again and again, each time ended by SIGKILL as soon as the first
 * thing that it writes is stored, until it has nothing left to write and ends by itself.
 * Of a row of objects of one kind only the first ends it.
 */
export async function killedAfterEachWrite(
  words: readonly string[],
  clusters: readonly TestCluster[],
): Promise<{ readonly writes: readonly string[]; readonly last: Finished }> {
  const writes: string[] = [];
  let child: Deno.ChildProcess | undefined;
  await using proxy = await watchWrites(clusters, (line) => {
    const write = /^\S+ [^ ?]+/.exec(line)?.[0] ?? "";
    const isOfLastKind = kindOf(write) === kindOf(writes.at(-1) ?? "");
    writes.push(write);
    if (isOfLastKind) return undefined;
    // The first byte of an answer says that the write was stored.
    return { afterBytes: 1, then: () => child?.kill("SIGKILL") };
  });
  while (writes.length < MOST_RUNS) {
    child = begin(words, proxy.kubeconfig, "piped");
    const last = await resultOf(child);
    if (last.signal !== "SIGKILL") return { writes, last };
  }
  return assert.fail(`it does not end: ${writes.join(", ")}`);
}
