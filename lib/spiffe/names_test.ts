import assert from "node:assert/strict";
import { SpirefedError } from "../errors.ts";
import { normalizeFingerprint } from "./fingerprint.ts";
import { parseSpiffeId, pathOf, trustDomainOf } from "./spiffe_id.ts";
import { parseTrustDomain } from "./trust_domain.ts";

function refuses(parse: () => unknown, code: string): void {
  assert.throws(parse, (error) => {
    assert.ok(error instanceof SpirefedError);
    assert.deepEqual([error.kind, error.exitCode, error.code], ["usage", 2, code]);
    assert.ok(error.remedy);
    return true;
  });
}

Deno.test("parseTrustDomain() takes names that look like something else", () => {
  const names = [
    "apps.east.example",
    "a",
    "a".repeat(255),
    "on",
    "null",
    "123",
    "1e3",
    "2026-11-24",
    "--help",
    "-",
    "..",
    ".",
    "_",
    "constructor",
    "__proto__",
    "10.0.0.1",
  ];
  for (const name of names) assert.equal(parseTrustDomain(name), name);
});

Deno.test("parseTrustDomain() refuses what SPIRE would refuse", () => {
  const names = [
    "",
    "a".repeat(256),
    "East.example",
    "east.example:8443",
    "user@east.example",
    "spiffe://east.example",
    "east.example/",
    "east.example/path",
    "east.example?a",
    "east.example#a",
    " east.example",
    "east.example\n",
    "east\u0000",
    "east%2e",
    "éast",
    "еast.example",
    "[::1]",
    "*.example",
  ];
  for (const name of names) refuses(() => parseTrustDomain(name), "spiffe/trust-domain");
});

Deno.test("parseTrustDomain() keeps control characters of a name out of its message", () => {
  assert.throws(() => parseTrustDomain("a\u001b[2J\n"), ({ message }: Error) =>
    // deno-lint-ignore no-control-regex -- these are the ones to keep out
    !/[\0-\x1f]/.test(message));
});

Deno.test("parseSpiffeId() takes IDs apart", () => {
  const id = parseSpiffeId("spiffe://east.example/ns/a/sa/B_c-d.e");

  assert.equal(trustDomainOf(id), "east.example");
  assert.equal(pathOf(id), "/ns/a/sa/B_c-d.e");
  assert.equal(pathOf(parseSpiffeId("spiffe://east.example")), "");
  assert.equal(parseSpiffeId("spiffe://a/...").length, 14);
});

Deno.test("parseSpiffeId() takes 2,048 bytes and no more", () => {
  const id = `spiffe://a/${"b".repeat(2048 - 11)}`;

  assert.equal(parseSpiffeId(id).length, 2048);
  refuses(() => parseSpiffeId(`${id}b`), "spiffe/id");
});

Deno.test("parseSpiffeId() refuses what go-spiffe refuses", () => {
  const ids = [
    "",
    "spiffe://",
    "spiffe:///a",
    "spiffe:/a/b",
    "SPIFFE://a/b",
    "https://a/b",
    "a/b",
    "spiffe://A/b",
    "spiffe://a:1/b",
    "spiffe://u@a/b",
    "spiffe://a/",
    "spiffe://a/b/",
    "spiffe://a//b",
    "spiffe://a/./b",
    "spiffe://a/b/..",
    "spiffe://a/b?c",
    "spiffe://a/b#c",
    "spiffe://a?b",
    "spiffe://a/b%20",
    "spiffe://a/é",
    "spiffe://a/b\n",
    ` spiffe://a/b`,
  ];
  for (const id of ids) refuses(() => parseSpiffeId(id), "spiffe/id");
});

Deno.test("normalizeFingerprint() takes the forms that tools print", () => {
  const hex = "0123456789abcdef".repeat(4);
  const pairs = hex.toUpperCase().replace(/..(?!$)/g, "$&:");

  for (
    const form of [hex, hex.toUpperCase(), pairs, `SHA256:${hex}`, ` sha256 Fingerprint=${pairs}\n`]
  ) {
    assert.equal(normalizeFingerprint(form), hex);
  }
});

Deno.test("normalizeFingerprint() refuses what is not all of a SHA-256", () => {
  const hex = "0123456789abcdef".repeat(4);

  for (
    const text of [
      "",
      hex.slice(1),
      `${hex}0`,
      `${hex.slice(0, 62)}:ef`,
      `g${hex.slice(1)}`,
      "SHA1:ab",
    ]
  ) {
    refuses(() => normalizeFingerprint(text), "fingerprint/malformed");
  }
});

Deno.test("complaints about names say what is wrong, not only that something is", () => {
  const says = (parse: () => unknown, message: RegExp): void =>
    assert.throws(parse, (error: Error) => {
      assert.match(error.message, message);
      return true;
    });

  says(() => parseTrustDomain(""), /it is empty/);
  says(() => parseTrustDomain("spiffe://a.example"), /without its scheme/);
  says(() => parseTrustDomain("East.example"), /upper case/);
  says(() => parseTrustDomain("east/example"), /only a-z/);
  says(() => parseSpiffeId(""), /it is empty/);
  says(() => parseSpiffeId("spiffe://a/b/"), /ends in a slash/);
  says(() => parseSpiffeId("spiffe://a//b"), /segment of its path is empty/);
});
