import assert from "node:assert/strict";
import { intermediate, type Issued, NOW, root, svid } from "../endpoint/testing_certificates.ts";
import { bundleFromPem, parseSpiffeId, parseTrustDomain } from "../spiffe/mod.ts";
import type { Bundle } from "../spiffe/model.ts";
import { type Continuity, judgeContinuity } from "./continuity.ts";

const TRUST_DOMAIN = parseTrustDomain("west.example");
const ID = "spiffe://west.example/spire/server";
const [HELD, FRESH] = [await root(TRUST_DOMAIN), await root(TRUST_DOMAIN)];

function bundleOf({ pem }: Issued): Bundle {
  const { bundle } = bundleFromPem(new TextEncoder().encode(pem), {
    trustDomain: TRUST_DOMAIN,
    now: NOW,
  });
  assert.ok(bundle);
  return bundle;
}

/** What becomes of trust in HELD, when whoever showed these certificates serves FRESH. */
function judge(...shown: readonly Issued[]): Continuity["state"] {
  const chain = shown.map(({ der }) => der);
  const vouched = { bundle: bundleOf(FRESH), source: "", chain, problems: [] };
  const endpoint = {
    url: "https://federation.west.example",
    profile: "https_spiffe" as const,
    spiffeId: parseSpiffeId(ID),
  };
  return judgeContinuity(bundleOf(HELD), vouched, { endpoint, now: NOW }).state;
}

Deno.test("judgeContinuity() keeps trust where the endpoint proves itself under what is held", async () => {
  const issuer = await intermediate(HELD, TRUST_DOMAIN);

  assert.equal(judge(await svid(issuer, ID), issuer), "kept");
});

Deno.test("judgeContinuity() breaks where the endpoint proves itself under the new roots only", async () => {
  assert.equal(judge(await svid(FRESH, ID)), "broken");
});

Deno.test("judgeContinuity() breaks where a workload of the trust domain stands for its server", async () => {
  assert.equal(judge(await svid(HELD, "spiffe://west.example/ns/shop/sa/till")), "broken");
});

Deno.test("judgeContinuity() claims nothing where no endpoint was spoken to", () => {
  assert.equal(judge(), "unknown");
});
