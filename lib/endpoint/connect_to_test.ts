import assert from "node:assert/strict";
import { SpirefedError } from "../errors.ts";
import { destinationOf, parseConnectTo } from "./connect_to.ts";

Deno.test("parseConnectTo() reads several entries from one value and from several", () => {
  const entries = parseConnectTo(["a.example:443:127.0.0.1:8443,b.example:443:b:1\n c::d:", ""]);

  assert.deepEqual(entries, [
    { host: "a.example", port: "443", toHost: "127.0.0.1", toPort: "8443" },
    { host: "b.example", port: "443", toHost: "b", toPort: "1" },
    { host: "c", port: "", toHost: "d", toPort: "" },
  ]);
});

Deno.test("parseConnectTo() reads IPv6 addresses in brackets", () => {
  assert.deepEqual(parseConnectTo(["[2001:DB8::1]:443:[::1]:8443"]), [
    { host: "2001:DB8::1", port: "443", toHost: "::1", toPort: "8443" },
  ]);
});

for (
  const [text, place] of [
    ["a.example", "at character 10: a part is missing"],
    ["a.example:443", "at character 14: a part is missing"],
    ["a:443:b", "at character 8: a part is missing"],
    ["a:443:b:1:c", "at character 10: nothing may follow"],
    ["a:44x:b:1", "at character 5: a colon belongs here"],
    ["a:0:b:1", "at character 3: a port is a number"],
    ["a:443:b:65536", "at character 9: a port is a number"],
    ["a:443:[::1:1", "at character 7: "],
    ["a:443:[1:2]:1", "at character 7: ADDR is not an IPv6 address"],
    ["::1:443:b:1", "at character 8: nothing may follow"],
  ] as const
) {
  Deno.test(`parseConnectTo() says where "${text}" is wrong`, () => {
    assert.throws(() => parseConnectTo([text]), (error: unknown) => {
      assert.ok(error instanceof SpirefedError);
      assert.equal(error.kind, "usage");
      assert.ok(error.message.includes(place), error.message);
      assert.match(error.remedy ?? "", /HOST:PORT:ADDR:PORT/);
      return true;
    });
  });
}

Deno.test("parseConnectTo() shows no escape sequences", () => {
  assert.throws(
    () => parseConnectTo(["a\u001b[2J"]),
    (error: Error) => !error.message.includes("\u001b"),
  );
});

Deno.test("destinationOf() lets the first entry that matches decide", () => {
  const connectTo = parseConnectTo(["b:443:b1:1", "A.example:443:a1:1", "a.example:443:a2:2"]);

  const destination = destinationOf({ host: "a.example", port: 443 }, connectTo);

  assert.deepEqual(destination, { host: "a1", port: 1, redirected: true });
});

Deno.test("destinationOf() takes an empty part for any, and keeps what is not named", () => {
  const at = { host: "a.example", port: 8443 };

  assert.deepEqual(destinationOf(at, parseConnectTo(["::b:"])), {
    host: "b",
    port: 8443,
    redirected: true,
  });
  assert.deepEqual(destinationOf(at, parseConnectTo(["a.example:443:b:1"])), {
    host: "a.example",
    port: 8443,
    redirected: false,
  });
});

Deno.test("destinationOf() does not count another port as naming a host", () => {
  const destination = destinationOf({ host: "localhost", port: 443 }, parseConnectTo([":::8443"]));

  assert.deepEqual(destination, { host: "localhost", port: 8443, redirected: false });
});

Deno.test("destinationOf() compares IPv6 addresses, not their spellings", () => {
  const connectTo = parseConnectTo(["[2001:db8:0:0::1]:443:[::1]:1"]);

  const destination = destinationOf({ host: "2001:db8::1", port: 443 }, connectTo);

  assert.equal(destination.host, "::1");
});
