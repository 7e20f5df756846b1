/** The filter that runs in a pod, run here. */
import assert from "node:assert/strict";
import { CERTIFICATES_ONLY } from "./pod_certificate.ts";

const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const KEY = "-----BEGIN EC PRIVATE KEY-----\nc2VjcmV0\n-----END EC PRIVATE KEY-----\n";

async function filtered(text: string): Promise<string> {
  const child = new Deno.Command("sed", {
    args: ["-n", CERTIFICATES_ONLY],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  return new TextDecoder().decode((await child.output()).stdout);
}

Deno.test("keys do not leave a pod, wherever in the file they stand", async () => {
  const open = CERTIFICATE.replace(/-----END[^]*/, "");

  assert.equal(await filtered(`${KEY}note\n${CERTIFICATE}${CERTIFICATE}`), CERTIFICATE.repeat(2));
  assert.equal(await filtered(`${CERTIFICATE}${KEY}${CERTIFICATE}`), CERTIFICATE.repeat(2));
  assert.doesNotMatch(await filtered(`${open}${KEY}${CERTIFICATE}`), /c2VjcmV0/);
  assert.doesNotMatch(
    await filtered(`${CERTIFICATE}${KEY.replace(/-----END[^]*/, "")}`),
    /c2VjcmV0/,
  );
  assert.equal(await filtered("hello\n"), "");
});
