import assert from "node:assert/strict";
import { NOW, root } from "../endpoint/testing_certificates.ts";
import type { SpirefedError } from "../errors.ts";
import { bundleFromPem, parseSpiffeId, parseTrustDomain, printBundle } from "../spiffe/mod.ts";
import { authenticateEndpoint } from "./authenticate_endpoint.ts";

Deno.test("authenticateEndpoint() takes no bundle whose roots have all run out", async () => {
  const trustDomain = parseTrustDomain("west.example");
  const { pem } = await root(trustDomain, { notAfter: new Date("2026-01-01T00:00:00Z") });
  const { bundle } = bundleFromPem(new TextEncoder().encode(pem), { trustDomain, now: NOW });
  assert.ok(bundle);
  const spiffeId = parseSpiffeId("spiffe://west.example/spire/server");
  const endpoint = { url: "https://west.example", profile: "https_spiffe" as const, spiffeId };
  const body = new TextEncoder().encode(printBundle(bundle));

  const taken = authenticateEndpoint({
    ...{ cluster: "west", trustDomain, endpoint, voucher: "west's API" },
    readRoots: () => Promise.resolve(bundle),
  }, {
    fetchBundle: () => Promise.resolve({ body, chain: [], address: "", date: NOW }),
    connectTo: [],
    now: () => NOW,
    signal: new AbortController().signal,
  });

  await assert.rejects(taken, ({ message }: SpirefedError) => {
    assert.match(message, /serves a bundle that may not be trusted/);
    return true;
  });
});
