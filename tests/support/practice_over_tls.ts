/**
 * Whole command lines in this process over practice clusters behind TLS: the real adapters,
 * real connections, and waits that cost no time.
 *
 * @module
 */
import type { Context } from "../../lib/context.ts";
import type { ClusterHost } from "../../lib/cluster/host.ts";
import { openCluster } from "../../lib/cluster/open_cluster.ts";
import { kubeContexts } from "../../lib/cluster/find_context.ts";
import { systemHost } from "../../lib/cluster/system_host.ts";
import { fetchBundle } from "../../lib/endpoint/fetch_bundle.ts";
import type { Sandbox } from "../../sandbox/tls/sandbox.ts";

/** A context that keeps what it was told, and how long it would have waited. */
export interface TlsContext extends Context {
  readonly out: string[];
  readonly err: string[];
  /** Milliseconds, a number for each wait. */
  readonly waits: number[];
}

/** A context over a sandbox. */
export function contextOver({ kubeconfig, connectTo, clockwork }: Sandbox): TlsContext {
  const variables = new Map([["KUBECONFIG", kubeconfig], ["SPIREFED_CONNECT_TO", connectTo]]);
  const [out, err, waits] = [[] as string[], [] as string[], [] as number[]];
  const { signal } = new AbortController();
  const env = (name: string): string | undefined => variables.get(name);
  const now = (): Date => new Date();
  const sleep = async (milliseconds: number): Promise<void> => {
    waits.push(milliseconds);
    await clockwork.advance(milliseconds);
  };
  const host: ClusterHost = systemHost({
    env,
    now,
    sleep,
    consent: () => Promise.resolve(undefined),
  });
  return {
    out,
    err,
    waits,
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
    terminal: { color: false, live: false, columns: 80 },
    program: "oc spirefed",
    openCluster: (name, access) => openCluster(name, access, host),
    kubeContexts: (access) => kubeContexts(access, host),
    fetchBundle,
    ask: () => Promise.resolve(undefined),
    readFile: (path) => Deno.readFile(path),
    env,
    now,
    sleep,
    signal,
  };
}
