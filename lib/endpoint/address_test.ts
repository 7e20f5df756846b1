import assert from "node:assert/strict";
import { SpirefedError } from "../errors.ts";
import { forbiddenKind, parseEndpointUrl, resolveEndpoint } from "./address.ts";
import { parseConnectTo } from "./connect_to.ts";

/** Resolves a URL with a resolver that always answers the same. */
function resolve(url: string, { found = [], connectTo = [] }: {
  readonly found?: readonly string[];
  readonly connectTo?: readonly string[];
} = {}): ReturnType<typeof resolveEndpoint> {
  return resolveEndpoint(parseEndpointUrl(url), {
    connectTo: parseConnectTo(connectTo),
    lookup: () => Promise.resolve(found),
  });
}

function isRefusedAddress(error: unknown): boolean {
  assert.ok(error instanceof SpirefedError, String(error));
  assert.deepEqual([error.kind, error.code], ["refused", "trust/address"]);
  assert.match(error.remedy ?? "", /--connect-to/);
  return true;
}

Deno.test("parseEndpointUrl() knows the defaults", () => {
  assert.deepEqual(parseEndpointUrl("https://East.Example."), {
    shown: "https://east.example.",
    host: "east.example",
    port: 443,
    authority: "east.example.",
    path: "/",
  });
});

for (
  const text of ["http://a.example", "ftp://a.example", "a.example", "https://", "file:///etc"]
) {
  Deno.test(`parseEndpointUrl() refuses ${text}`, () => {
    assert.throws(() => parseEndpointUrl(text), { kind: "usage", code: "endpoint/url" });
  });
}

for (
  const text of ["https://me:hunter2@a.example", "https://hunter2@a.example", "https://:hunter2@a"]
) {
  Deno.test(`parseEndpointUrl() refuses userinfo without repeating it: ${text.length}`, () => {
    assert.throws(() => parseEndpointUrl(text), (error: unknown) => {
      assert.ok(error instanceof SpirefedError);
      assert.match(error.message, /user name or a password/);
      assert.doesNotMatch(`${error.message} ${error.remedy}`, /hunter2/);
      return true;
    });
  });
}

for (
  const host of [
    "127.0.0.1",
    "127.1",
    "0x7f.1",
    "2130706433",
    "0177.0.0.1",
    "127.255.255.254",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
    "0.0.0.0",
    "[::]",
    "169.254.169.254",
    "0xa9fea9fe",
    "[::ffff:169.254.169.254]",
    "[fd00:ec2::254]",
    "100.100.100.200",
    "[fe80::1]",
    "224.0.0.1",
    "[ff02::1]",
    "255.255.255.255",
  ]
) {
  Deno.test(`an endpoint at ${host} is refused`, async () => {
    await assert.rejects(resolve(`https://${host}:8443`), isRefusedAddress);
  });
}

Deno.test("a name for this machine is refused, also beside a harmless address", async () => {
  const url = "https://federation.apps.east.example";

  await assert.rejects(resolve(url, { found: ["127.0.0.1"] }), isRefusedAddress);
  await assert.rejects(resolve(url, { found: ["203.0.113.7", "::1"] }), isRefusedAddress);
  await assert.rejects(resolve(url, { found: ["fe80::1%eth0"] }), isRefusedAddress);
});

Deno.test("private addresses are those of clusters, and pinned", async () => {
  const found = ["10.0.0.1", "172.16.3.4", "192.168.1.1", "fd00::1", "203.0.113.7"];

  const addresses = await resolve("https://a.example:8443", { found });

  assert.deepEqual(addresses, found.map((address) => ({ address, port: 8443 })));
});

Deno.test("--connect-to may lead to this machine, when it names the endpoint", async () => {
  const connectTo = ["a.example:443:127.0.0.1:8443", "localhost:443:localhost:8443"];

  assert.deepEqual(await resolve("https://a.example", { connectTo }), [
    { address: "127.0.0.1", port: 8443 },
  ]);
  assert.deepEqual(await resolve("https://localhost", { connectTo, found: ["127.0.0.1"] }), [
    { address: "127.0.0.1", port: 8443 },
  ]);
  await assert.rejects(resolve("https://b.example", { connectTo, found: ["127.0.0.1"] }));
});

Deno.test("a name without an address is a failure of DNS", async () => {
  const failing = resolveEndpoint(parseEndpointUrl("https://a.example"), {
    connectTo: [],
    lookup: () => Promise.reject(new Error("getaddrinfo ENOTFOUND a.example")),
  });

  await assert.rejects(failing, {
    kind: "preflight",
    code: "net/dns",
    message: "https://a.example: no address known for a.example",
  });
});

Deno.test("forbiddenKind() lets no text pass that is not an address", () => {
  assert.equal(forbiddenKind("localhost"), "no address");
});
