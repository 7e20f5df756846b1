import assert from "node:assert/strict";
import { leaf, root } from "./testing_certificates.ts";
import { certificateFacts } from "./certificate.ts";
import { derToPem, pemCertificates } from "./pem.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

Deno.test("pemCertificates() finds every certificate and its line", async () => {
  const ca = await root();
  const svid = await leaf(ca);
  const pem = `subject=/O=SPIRE\n${derToPem(svid.der)}\r\n${derToPem(ca.der)}`;

  const found = pemCertificates(bytes(pem));

  assert.deepEqual(found.map(({ der }) => der), [svid.der, ca.der]);
  assert.equal(found[0]?.line, 2);
  assert.deepEqual(pemCertificates(bytes(pem.replaceAll("\n", "\r\n"))).length, 2);
});

Deno.test("pemCertificates() refuses what is not clearly certificates", async () => {
  const pem = derToPem((await root()).der);
  const cases = [
    ["", "pem/empty"],
    ["hello", "pem/empty"],
    [pem.replace("-----END CERTIFICATE-----\n", ""), "pem/malformed"],
    [pem.replace("END CERTIFICATE", "END X"), "pem/malformed"],
    [pem.replace("MII", "M I"), "pem/malformed"],
    ["-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", "pem/malformed"],
    [pem.replaceAll("CERTIFICATE", "CERTIFICATE REQUEST"), "pem/malformed"],
    [`\ufeff${pem}${pem}`, "pem/malformed"],
    [`${pem} ${pem}`, "pem/malformed"],
    [`${pem}# ${pem}`, "pem/malformed"],
    [pem.replaceAll("CERTIFICATE", "EC PRIVATE KEY"), "pem/private-key"],
    [pem + "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n", "pem/private-key"],
  ] as const;
  for (const [text, code] of cases) {
    assert.throws(() => pemCertificates(bytes(text)), { kind: "usage", code });
  }
  assert.throws(() => pemCertificates(new Uint8Array([0x30, 0x82, 0xff])), {
    code: "pem/malformed",
  });
});

Deno.test("certificateFacts() reads what a certificate says", async () => {
  const { der } = await leaf(await root(), { subject: "CN=a\\, b+OU=c,O=d" });

  const facts = certificateFacts(der);

  // The minting library writes names in the order given, and RFC 4514 reads them backwards.
  assert.equal(facts.subject, "O=d,CN=a\\, b+OU=c");
  assert.equal(facts.issuer, "O=SPIFFE,CN=east root");
  assert.equal(facts.serial, "01");
  assert.equal(facts.version, 3);
  assert.equal(facts.notAfter.toISOString(), "2036-01-01T00:00:00.000Z");
  assert.deepEqual(facts.uris, ["spiffe://east.example/spire/server"]);
  assert.throws(() => certificateFacts(der.subarray(1)), { code: "certificate/malformed" });
});
