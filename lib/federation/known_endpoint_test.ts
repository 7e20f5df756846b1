import assert from "node:assert/strict";
import { NOW, root } from "../endpoint/testing_certificates.ts";
import type { EndpointProfile } from "../endpoint/endpoint.ts";
import { bundleFromPem, parseSpiffeId, parseTrustDomain, printBundle } from "../spiffe/mod.ts";
import type { Bundle } from "../spiffe/model.ts";
import { fetchKnown, type KnownEndpointAnswer } from "./known_endpoint.ts";

const TRUST_DOMAIN = parseTrustDomain("west.example");

async function bundleOf(sequence: bigint): Promise<Bundle> {
  const pem = new TextEncoder().encode((await root(TRUST_DOMAIN)).pem);
  const { bundle } = bundleFromPem(pem, { trustDomain: TRUST_DOMAIN, now: NOW });
  assert.ok(bundle);
  return { ...bundle, sequence };
}

/** Fetches from an endpoint that serves a bundle; a profile that it was asked by is kept. */
async function fetch(
  known: Bundle,
  served: Bundle,
  profiles: EndpointProfile[] = [],
): Promise<KnownEndpointAnswer> {
  return await fetchKnown({
    url: "https://federation.west.example",
    trustDomain: TRUST_DOMAIN,
    endpointId: parseSpiffeId("spiffe://west.example/spire/server"),
    known,
    fingerprints: ["00".repeat(32)],
  }, {
    fetchBundle: ({ profile }) => {
      profiles.push(profile);
      const body = new TextEncoder().encode(printBundle(served));
      return Promise.resolve({ body, chain: [], address: "", date: NOW });
    },
    connectTo: [],
    now: () => NOW,
    signal: new AbortController().signal,
  });
}

Deno.test("fetchKnown() has a bundle confirmed that goes back, or shares nothing with the known one", async () => {
  const known = await bundleOf(7n);

  const { confirm: same } = await fetch(known, { ...known, sequence: 8n });
  const { confirm: older } = await fetch(known, { ...known, sequence: 6n });
  const { confirm: other } = await fetch(known, await bundleOf(8n));

  assert.equal(same, undefined);
  assert.equal(older, "goes back from sequence 7 to 6");
  assert.equal(other, "shares no authority with what is held");
});

Deno.test("fetchKnown() takes no bundle whose authorities have all run out", async () => {
  const known = await bundleOf(7n);
  const notAfter = new Date("2026-01-01T00:00:00Z");
  const pem = new TextEncoder().encode((await root(TRUST_DOMAIN, { notAfter })).pem);
  const { bundle } = bundleFromPem(pem, { trustDomain: TRUST_DOMAIN, now: NOW });
  assert.ok(bundle);

  await assert.rejects(fetch(known, bundle), {
    kind: "refused",
    message: /serves a bundle that may not be trusted/,
  });
});

Deno.test("fetchKnown() lets no fingerprint vouch beside a bundle that is known", async () => {
  const known = await bundleOf(7n);
  const profiles: EndpointProfile[] = [];

  await fetch(known, known, profiles);

  assert.ok(profiles.every((profile) => !("fingerprints" in profile)));
});
