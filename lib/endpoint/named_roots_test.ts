/** Rule 1b: a root that the user named by its SHA-256 lets an endpoint in, and nobody else. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash, X509Certificate } from "node:crypto";
import type http from "node:http";
import { SpirefedError } from "../errors.ts";
import type { EndpointAnswer } from "./endpoint.ts";
import { createFetchBundle } from "./fetch_bundle.ts";
import { type Issued, root, svid } from "./testing_certificates.ts";
import { ENDPOINT_ID, requestTo, serveTls, TRUST_DOMAIN } from "./testing_servers.ts";

const ROOT = await root(TRUST_DOMAIN);
const OTHER = await root(TRUST_DOMAIN);
const GOOD = await svid(ROOT, ENDPOINT_ID);
const STRANGER = await svid(OTHER, ENDPOINT_ID);

const sha256 = ({ der }: Issued): string => createHash("sha256").update(der).digest("hex");

function serving(...roots: readonly Issued[]): http.RequestListener {
  const keys = roots.map(({ der }) => {
    const jwk = new X509Certificate(Buffer.from(der)).publicKey.export({ format: "jwk" });
    return { ...jwk, use: "x509-svid", x5c: [Buffer.from(der).toString("base64")] };
  });
  return (_request, response) => response.end(JSON.stringify({ keys }));
}

async function fetchNamed(
  shown: Issued,
  served: http.RequestListener,
  fingerprints: readonly string[],
): Promise<EndpointAnswer> {
  await using server = await serveTls(shown, served);
  const endpointSPIFFEID = ENDPOINT_ID;
  const profile = {
    type: "https_spiffe",
    endpointSPIFFEID,
    authorities: [],
    fingerprints,
  } as const;
  return await createFetchBundle()(requestTo(server.port, profile));
}

async function refusalOf(answer: Promise<EndpointAnswer>): Promise<string | undefined> {
  const failure = await answer.then(() => undefined, (error: unknown) => error);
  assert.ok(failure instanceof SpirefedError && failure.kind === "refused", `${failure}`);
  return failure.code;
}

Deno.test("an endpoint under a root that was named answers", async () => {
  const { chain } = await fetchNamed(GOOD, serving(OTHER, ROOT), [sha256(ROOT)]);

  assert.deepEqual(Buffer.from(chain[0] ?? []), Buffer.from(GOOD.der));
});

Deno.test("an endpoint that does not serve the root that was named is refused", async () => {
  const code = await refusalOf(fetchNamed(STRANGER, serving(OTHER), [sha256(ROOT)]));

  assert.equal(code, "trust/fingerprint");
});

Deno.test("serving the public root that was named does not make an impostor the endpoint", async () => {
  const code = await refusalOf(fetchNamed(STRANGER, serving(ROOT, OTHER), [sha256(ROOT)]));

  assert.equal(code, "trust/impostor");
});

Deno.test("no name at all vouches for nobody", async () => {
  assert.equal(await refusalOf(fetchNamed(GOOD, serving(ROOT), [])), "trust/no-authority");
});
