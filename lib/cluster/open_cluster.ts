/**
 * From the name a user typed to a {@linkcode Cluster}.
 *
 * @module
 */
import type { ClusterAccess } from "../context.ts";
import { printable } from "../output/printable.ts";
import { ApiClient } from "./api_client.ts";
import type { Cluster } from "./cluster.ts";
import { type CredentialCache, credentialsOf } from "./credentials.ts";
import { findContext, type FoundContext } from "./find_context.ts";
import type { ClusterHost } from "./host.ts";
import { impersonationHeaders } from "./impersonation.ts";
import { KubeCluster } from "./kube_cluster.ts";
import { proxyFor } from "./proxy_choice.ts";
import { DEFAULT_RATE_LIMITS, RateLimiter } from "./rate_limiter.ts";
import { certificateAuthority, serverUrl, sha256 } from "./server_address.ts";
import type { Spoken } from "./status_failure.ts";

/** What plugins gave lasts as long as the host does: a process asks each of them once. */
const caches = new WeakMap<ClusterHost, CredentialCache>();

/**
 * Opens a cluster by `CONTEXT` or `path/to/kubeconfig#CONTEXT`. Reads kubeconfigs
 * and the certificate authority; sends nothing, runs nothing, asks nothing.
 *
 * @throws {SpirefedError} `usage`, if there is no such context or it cannot be used.
 */
export async function openCluster(
  name: string,
  access: ClusterAccess,
  host: ClusterHost,
): Promise<Cluster> {
  const found = await findContext(name, access, host);
  const base = serverUrl(found);
  const ca = await certificateAuthority(found, host);
  const cache = caches.get(host) ?? new Map();
  caches.set(host, cache);
  await host.opened?.({
    name,
    hasPlugin: found.user?.exec !== undefined,
    hasAuthority: ca !== undefined,
  });
  const { tlsServerName, insecure, proxyUrl } = found.cluster;
  const client = new ApiClient({
    cluster: spoken(found, base, access),
    access,
    host,
    server: {
      base,
      proxy: proxyFor(base, { proxyUrl, env: host.env }),
      tls: { ca, servername: tlsServerName, insecure },
    },
    credentials: credentialsOf(withAuthority(found, ca), { host, cache }),
    impersonation: impersonationHeaders(found.user?.impersonate, access),
    limiters: limiters(host),
  });
  const fingerprint = await sha256(ca ?? base.href);
  return new KubeCluster(client, {
    url: found.cluster.server ?? "",
    insecure: insecure || base.protocol === "http:",
    clock: () => client.clock,
    get fingerprint() {
      return ca === undefined ? client.leaf ?? fingerprint : fingerprint;
    },
  });
}

/** A plugin that is told about the cluster gets its authority as data, wherever it came from. */
function withAuthority(found: FoundContext, ca: string | undefined): FoundContext {
  const certificateAuthorityData = ca === undefined
    ? undefined
    : new TextEncoder().encode(ca).toBase64();
  return { ...found, cluster: { ...found.cluster, certificateAuthorityData } };
}

function limiters(
  host: ClusterHost,
): { readonly reads: RateLimiter; readonly writes: RateLimiter } | undefined {
  const { rateLimits = DEFAULT_RATE_LIMITS } = host;
  if (rateLimits === "off") return undefined;
  return {
    reads: new RateLimiter(rateLimits.reads, host),
    writes: new RateLimiter(rateLimits.writes, host),
  };
}

function spoken(
  { name, context, foreignFile }: FoundContext,
  base: URL,
  { kubeconfig }: Pick<ClusterAccess, "kubeconfig">,
): Spoken {
  const file = foreignFile ?? kubeconfig;
  const options = [
    ...(file === undefined ? [] : ["--kubeconfig", quoted(file)]),
    "--context",
    quoted(context),
  ];
  return { name, options: options.join(" "), url: base.href.replace(/\/$/, "") };
}

/** A word as a shell takes it back. */
function quoted(word: string): string {
  const safe = printable(word);
  return /^[\w@%+=:,./][\w@%+=:,./-]*$/.test(safe) ? safe : `'${safe.replaceAll("'", `'\\''`)}'`;
}
