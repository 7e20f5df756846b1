/**
 * One request to a cluster, and no more: what any command pays before its first answer.
 *
 * @module
 */
if (import.meta.main) {
  const { openCluster } = await import("../../lib/cluster/open_cluster.ts");
  const { systemHost } = await import("../../lib/cluster/system_host.ts");
  const { CONFIG_MAPS } = await import("../../manifests/core.ts");
  const signal = new AbortController().signal;
  const host = systemHost({
    env: (name) => Deno.env.get(name),
    now: () => new Date(),
    sleep: () => Promise.reject(new Error("nothing is repeated")),
    consent: () => Promise.resolve(undefined),
  });
  const cluster = await openCluster("east", {
    kubeconfig: undefined,
    as: undefined,
    asGroups: [],
    requestTimeoutMs: 30_000,
    verbosity: 0,
    warn: () => {},
    signal,
  }, host);
  const found = await cluster.get(CONFIG_MAPS, "spire-bundle", {
    namespace: "zero-trust-workload-identity-manager",
  });
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(found)}\n`));
  Deno.exit(found === undefined ? 1 : 0);
}
