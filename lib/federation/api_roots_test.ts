/** What a cluster's API may vouch with, and over which connections it may. */
import assert from "node:assert/strict";
import type { Cluster } from "../cluster/cluster.ts";
import { NOW, root } from "../endpoint/testing_certificates.ts";
import { parseTrustDomain } from "../spiffe/mod.ts";
import { readApiRoots } from "./api_roots.ts";
import { readIdentity } from "./inspect.ts";

const TRUST_DOMAIN = parseTrustDomain("west.example");
const QUERY = {
  trustDomain: TRUST_DOMAIN,
  configMap: "spire-bundle",
  now: NOW,
  signal: new AbortController().signal,
};

function holding(pem: string): Cluster {
  return {
    name: "west",
    server: { url: "https://api.west.example:6443", insecure: false },
    get: () => Promise.resolve({ data: { "bundle.crt": pem } }),
  } as unknown as Cluster;
}

Deno.test("readApiRoots() lets nothing vouch that does not install", async () => {
  const [good, expired] = [
    await root(TRUST_DOMAIN),
    await root(TRUST_DOMAIN, { notAfter: new Date("2026-01-01T00:00:00Z") }),
  ];

  const { bundle } = await readApiRoots(holding(good.pem), QUERY);
  assert.equal(bundle.x509Authorities.length, 1);
  await assert.rejects(readApiRoots(holding(expired.pem), QUERY), {
    kind: "refused",
    message: /\[west\] ConfigMap\/spire-bundle holds no authority that can vouch/,
  });
});

Deno.test("nothing is asked of a cluster whose certificate nobody verifies", async () => {
  const calls: string[] = [];
  const get = (_: unknown, name: string): Promise<undefined> => {
    calls.push(name);
    return Promise.resolve(undefined);
  };
  const server = { url: "https://api.west.example:6443", insecure: true };
  const cluster = { name: "west", server, get } as unknown as Cluster;

  for (const read of [() => readIdentity(cluster), () => readApiRoots(cluster, QUERY)]) {
    await assert.rejects(read, { code: "context/insecure" });
  }

  assert.deepEqual(calls, []);
});
