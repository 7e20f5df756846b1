import assert from "node:assert/strict";
import type { SvidResult } from "../../../lib/output/result.ts";
import type { Answer } from "../../command.ts";
import { type FilesContext, filesContext, fixture, invocation } from "../../testing_files.ts";
import { run } from "./run.ts";
import { spec } from "./spec.ts";

const CART = fixture("east_cart.pem");
const ID = "spiffe://apps.east.example/ns/shop/sa/cart";
const BY_EAST = ["--bundle", "east.json", "--trust-domain", "apps.east.example"];

async function show(
  args: readonly string[],
  context: FilesContext = filesContext(),
): Promise<SvidResult & { readonly failure: Answer["failure"] }> {
  const { result, failure } = await run(invocation(spec, ...args), context);
  assert.ok(result?.kind === "Svid");
  return { ...result, failure };
}

Deno.test("svid show says what a chain claims, and that nobody judged it", async () => {
  const svid = await show(["east_cart.pem"]);

  assert.equal(svid.spiffeId, ID);
  assert.equal(svid.trustDomain, "apps.east.example");
  assert.equal(svid.vouched, null);
  assert.equal(svid.failure, undefined);
  assert.deepEqual([svid.notBefore, svid.notAfter], [
    "2026-11-24T12:00:00Z",
    "2026-11-24T13:00:00Z",
  ]);
  assert.match(svid.serial, /^[0-9a-f]+$/);
  assert.equal(svid.chain.length, 2);
  assert.equal(svid.chain[0]?.issuer, svid.chain[1]?.subject);
  assert.deepEqual(svid.problems, []);
});

Deno.test("svid show says that the bundle vouches for it", async () => {
  const svid = await show(["east_cart.pem", ...BY_EAST, "--expect-id", ID]);

  assert.deepEqual([svid.vouched, svid.failure, svid.problems], [true, undefined, []]);
});

Deno.test("svid show judges by no other trust domain's bundle: exit code 3", async () => {
  const svid = await show([
    "east_cart.pem",
    ...["--bundle", "west.json", "--trust-domain", "apps.west.example"],
  ]);

  assert.deepEqual([svid.vouched, svid.failure], [false, "unhealthy"]);
  assert.ok(svid.problems.some(({ code }) => code === "svid/other-trust-domain"));
});

Deno.test("svid show does not vouch for what has expired: exit code 3", async () => {
  const svid = await show(["east_cart.pem", ...BY_EAST, "--at", "2026-11-24T13:00:01Z"]);

  assert.deepEqual([svid.vouched, svid.failure], [false, "unhealthy"]);
});

Deno.test("svid show warns of what has expired even without a bundle", async () => {
  const { problems, failure } = await show(["east_cart.pem", "--at", "2026-11-24T13:00:01Z"]);

  assert.deepEqual(problems.map(({ severity, code }) => `${severity} ${code}`), [
    "warning svid/expired",
  ]);
  assert.equal(failure, undefined);
});

Deno.test("svid show wants the very ID expected, with a bundle and without: exit code 3", async () => {
  const other = ["--expect-id", "spiffe://apps.east.example/ns/shop/sa/other"];

  const judged = await show(["east_cart.pem", ...BY_EAST, ...other]);
  const alone = await show(["east_cart.pem", ...other]);

  assert.deepEqual([judged.vouched, judged.failure], [true, "unhealthy"]);
  assert.deepEqual([alone.vouched, alone.failure], [null, "unhealthy"]);
  for (const { problems } of [judged, alone]) {
    assert.ok(problems.some(({ code }) => code === "svid/other-id"));
  }
});

Deno.test("svid show says of an authority that it is no SVID", async () => {
  const svid = await show(["east_root.pem", ...BY_EAST]);

  assert.deepEqual([svid.vouched, svid.failure], [false, "unhealthy"]);
});

Deno.test("svid show passes over private keys, and says so", async () => {
  const canary = "Y2FuYXJ5Y2FuYXJ5";
  for (
    const key of [
      `-----BEGIN PRIVATE KEY-----\n${canary}\n-----END PRIVATE KEY-----\n`,
      `-----BEGIN EC PRIVATE KEY-----\r\n${canary}\r\n-----END EC PRIVATE KEY-----\r\n`,
      `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${canary}\n`,
      `-----BEGIN PRIVATE KEY-----\n\u00ff${canary}\n`,
    ]
  ) {
    const context = filesContext({ first: key + CART, last: CART + key });

    for (const file of ["first", "last"]) {
      const svid = await show([file, ...BY_EAST], context);

      assert.equal(svid.vouched, true);
      assert.doesNotMatch(JSON.stringify(svid), /canary|Y2Fu/);
    }
    assert.match(context.told(), /^note: first also holds a private key; it was not looked at\n/);
    assert.doesNotMatch(context.told(), /canary|Y2Fu/);
  }
});

Deno.test("svid show names the line of what is no certificate: exit code 2", async () => {
  const key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";
  const files = {
    nothing: "hello\n",
    open: `${CART}-----BEGIN CERTIFICATE-----\nAAAA\n`,
    base64: "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n",
    der: `${key}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
    binary: Uint8Array.of(0x30, 0x82, 0xff),
    mark: `\ufeff${CART}`,
    indented: `  ${CART}`,
    large: new Uint8Array(1024 * 1024 + 1),
  };

  for (const name of Object.keys(files)) {
    await assert.rejects(show([name], filesContext(files)), (error: Error & { kind?: unknown }) => {
      assert.equal(error.kind, "usage", name);
      assert.ok(error.message.startsWith(name), error.message);
      assert.doesNotMatch(error.message, /c2VjcmV0/);
      return true;
    });
  }
  await assert.rejects(show(["der"], filesContext(files)), /^SpirefedError: der, line 4: /);
});

Deno.test("svid show wants --bundle and --trust-domain together: exit code 2", async () => {
  await assert.rejects(show(["east_cart.pem", "--bundle", "east.json"]), { kind: "usage" });
  await assert.rejects(show(["east_cart.pem", "--trust-domain", "apps.east.example"]), {
    kind: "usage",
  });
  await assert.rejects(show(["east_cart.pem", "--expect-id", "nonsense"]), { kind: "usage" });
  await assert.rejects(
    show(["east_cart.pem", "--bundle", "east_root.pem", "--trust-domain", "apps.east.example"]),
    { kind: "usage" },
  );
});
