import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type http from "node:http";
import { gzipSync } from "node:zlib";
import { SpirefedError } from "../errors.ts";
import { createFetchBundle, type EndpointParts } from "./fetch_bundle.ts";
import { LIMITS } from "./limits.ts";
import { root, svid } from "./testing_certificates.ts";
import {
  closedPort,
  ENDPOINT_ID,
  HOST,
  requestTo,
  serveTcp,
  serveTls,
  type TestServer,
  TRUST_DOMAIN,
  underRoots,
} from "./testing_servers.ts";

const ROOT = await root(TRUST_DOMAIN);
const SVID = await svid(ROOT, ENDPOINT_ID);
const PROFILE = underRoots(ROOT);

/** An authentic endpoint that answers as told. */
function serve(listener: http.RequestListener): Promise<TestServer> {
  return serveTls(SVID, listener);
}

/** Fetches without ever sleeping; what would have been slept is in `slept`. */
function fetcher(parts: Partial<EndpointParts> = {}): {
  readonly fetch: ReturnType<typeof createFetchBundle>;
  readonly slept: number[];
} {
  const slept: number[] = [];
  const sleep = (milliseconds: number) => Promise.resolve(void slept.push(milliseconds));
  return { fetch: createFetchBundle({ sleep, ...parts }), slept };
}

async function failureAt(port: number, parts: Partial<EndpointParts> = {}): Promise<SpirefedError> {
  const answer = fetcher(parts).fetch(requestTo(port, PROFILE));
  const failure = await answer.then(() => undefined, (error: unknown) => error);
  assert.ok(failure instanceof SpirefedError, `not a SpirefedError: ${failure}`);
  assert.ok(failure.remedy, "there is no remedy");
  return failure;
}

async function failureOf(
  starting: Promise<TestServer>,
  parts: Partial<EndpointParts> = {},
): Promise<SpirefedError> {
  await using server = await starting;
  return await failureAt(server.port, parts);
}

Deno.test("a refused connection is tried three times, and says so", async () => {
  const { fetch, slept } = fetcher();
  const port = await closedPort();

  await assert.rejects(fetch(requestTo(port, PROFILE)), {
    kind: "preflight",
    code: "net/refused",
    message: `https://${HOST}: connection refused (3 tries in 4 s)`,
  });
  assert.deepEqual(slept, [1000, 3000]);
});

Deno.test("an endpoint that is ready the second time is not a failure", async () => {
  let calls = 0;
  await using server = await serve((_request, response) => {
    response.writeHead(++calls === 1 ? 503 : 200).end("{}");
  });
  const { fetch, slept } = fetcher();

  const { body } = await fetch(requestTo(server.port, PROFILE));

  assert.equal(new TextDecoder().decode(body), "{}");
  assert.deepEqual(slept, [1000]);
});

Deno.test("each status that is no answer is explained", async (t) => {
  const page = "<!doctype html><title>Gone\u001b fishing</title>";
  const cases: readonly (readonly [number, string, RegExp, number])[] = [
    [
      503,
      "<html>Application is not available</html>",
      /HTTP 503, body is HTML \("Application is not available"\): the route has no ready pod \(3 tries in 4 s\)$/,
      3,
    ],
    [500, page, /HTTP 500, body is HTML \("Gone\\u001b fishing"\) \(3 tries/, 3],
    [404, "404 page not found\n", /HTTP 404$/, 1],
    [405, "", /HTTP 405: GET is not answered there$/, 1],
    [204, "", /HTTP 204$/, 1],
    [401, "", /HTTP 401$/, 1],
  ];
  for (const [status, body, says, tries] of cases) {
    await t.step(String(status), async () => {
      await using server = await serve((_request, response) => {
        response.writeHead(status, { "content-type": "text/plain" }).end(body);
      });

      const { kind, code, message } = await failureAt(server.port);

      assert.deepEqual([kind, code], ["preflight", "endpoint/status"]);
      assert.match(message, says);
      assert.equal(server.connections(), tries);
    });
  }
});

Deno.test("404 under a path says that SPIRE has none", async () => {
  await using server = await serve((_request, response) => response.writeHead(404).end());
  const url = `https://${HOST}/bundle.json`;

  const answer = fetcher().fetch(requestTo(server.port, PROFILE, { url }));

  await assert.rejects(answer, (error: SpirefedError) => {
    assert.match(error.message, /nothing is served at \/bundle\.json/);
    assert.match(error.remedy ?? "", /at \/ only/);
    return true;
  });
});

for (
  const location of [
    "http://a.example/",
    "https://169.254.169.254/latest/meta-data",
    `https://${HOST}/`,
    "/\u00a0here",
    undefined,
  ]
) {
  Deno.test(`a redirect to ${location} is refused and not followed`, async () => {
    await using server = await serve((_request, response) => {
      response.writeHead(302, location === undefined ? {} : { location }).end();
    });

    const { kind, code, message } = await failureAt(server.port);

    assert.deepEqual([kind, code], ["refused", "trust/redirect"]);
    assert.ok(message.includes(`redirects to "${location ?? ""}"`), message);
    assert.equal(server.connections(), 1);
  });
}

Deno.test("a body over 1 MiB is refused", async (t) => {
  const big = Buffer.alloc(20 * 1024 * 1024, "x");
  let sent = 0;
  const cases: readonly (readonly [string, http.RequestListener])[] = [
    ["by its length, unread", (_request, response) => {
      response.writeHead(200, { "content-length": big.length });
      response.flushHeaders();
    }],
    ["while counting", (_request, response) => {
      response.writeHead(200);
      response.on("error", () => {});
      const more = () => {
        while (sent < big.length && !response.destroyed) {
          sent += 65536;
          if (!response.write(big.subarray(0, 65536))) return void response.once("drain", more);
        }
      };
      more();
    }],
  ];
  for (const [how, listener] of cases) {
    await t.step(how, async () => {
      const { kind, code, message } = await failureOf(serve(listener));

      assert.deepEqual([kind, code], ["preflight", "endpoint/too-large"]);
      assert.equal(message, `https://${HOST}: the body is over 1 MiB: refused unread`);
    });
  }
  assert.ok(sent < big.length, "all of it was taken");
});

Deno.test("a body of exactly 1 MiB is taken", async () => {
  await using server = await serve((_request, response) => {
    response.end(Buffer.alloc(LIMITS.bodyBytes, " "));
  });

  const { body } = await fetcher().fetch(requestTo(server.port, PROFILE));

  assert.equal(body.length, LIMITS.bodyBytes);
});

Deno.test("a compressed body is refused, so it cannot be a bomb", async () => {
  const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024));
  const { kind, code } = await failureOf(serve((_request, response) => {
    response.writeHead(200, { "content-encoding": "gzip", "content-length": bomb.length });
    response.end(bomb);
  }));

  assert.deepEqual([kind, code], ["preflight", "endpoint/encoding"]);
});

Deno.test("headers without end are refused", async () => {
  const { kind, code, message } = await failureOf(serve((_request, response) => {
    response.writeHead(200, { "x-padding": "y".repeat(100_000) }).end("{}");
  }));

  assert.deepEqual([kind, code], ["preflight", "endpoint/http"]);
  assert.match(message, /headers are over 16 KiB/);
});

Deno.test("a body that ends early is never taken for an answer", async (t) => {
  const cases: readonly (readonly [string, http.OutgoingHttpHeaders, RegExp])[] = [
    ["with a length", { "content-length": 100 }, /ended early \(got (2|0) of 100 bytes\)/],
    ["chunked", {}, /ended early \(got (2|0) of \? bytes\)/],
    [
      "until the end of the connection",
      { "transfer-encoding": "", connection: "close" },
      /does not say where it ends/,
    ],
  ];
  for (const [how, headers, says] of cases) {
    await t.step(how, async () => {
      const { kind, code, message } = await failureOf(serve((_request, response) => {
        if (headers["transfer-encoding"] === "") {
          return void response.socket?.end("HTTP/1.1 200 OK\r\n\r\n{}");
        }
        response.writeHead(200, headers);
        response.write("{}", () => response.socket?.destroy());
      }));

      assert.deepEqual([kind, code], ["preflight", "endpoint/truncated"]);
      assert.match(message, says);
    });
  }
});

Deno.test("what is not HTTP is no answer", async () => {
  const { kind, code } = await failureOf(serve((_request, response) => {
    response.socket?.end("SSH-2.0-OpenSSH_9.2\r\n");
  }));

  assert.deepEqual([kind, code], ["preflight", "endpoint/http"]);
});

Deno.test("a connection cut before an answer is no answer", async () => {
  const { kind, code } = await failureOf(serve((_request, response) => {
    response.socket?.destroy();
  }));

  assert.deepEqual([kind, code], ["preflight", "net/reset"]);
});

Deno.test("silence ends", async (t) => {
  const limits = { ...LIMITS, handshakeMs: 50, totalMs: 200 };
  await t.step("after TCP", async () => {
    const { kind, code, message } = await failureOf(serveTcp(() => {}), { limits });

    assert.deepEqual([kind, code], ["preflight", "net/timeout"]);
    assert.match(message, /TLS handshake timed out after 0\.1 s$/);
  });
  await t.step("in the middle of the handshake", async () => {
    const stalling = serveTcp((socket) => {
      socket.once("data", () => socket.write(Buffer.from([22, 3, 3, 0, 90, 2, 0, 0])));
    });
    const { code, message } = await failureOf(stalling, { limits });

    assert.equal(code, "net/timeout");
    assert.match(message, /TLS handshake timed out/);
  });
  await t.step("before the headers", async () => {
    const { code, message } = await failureOf(serve(() => {}), {
      limits: { ...limits, handshakeMs: 5000 },
    });

    assert.equal(code, "net/timeout");
    assert.match(message, /timed out after 0\.2 s \(got 0 of \? bytes\)$/);
  });
  await t.step("in a body that drips", async () => {
    const dripping = serve((_request, response) => {
      response.writeHead(200, { "content-length": 1000 });
      const drip = () => void response.write("x", (error) => error || setImmediate(drip));
      response.write("x".repeat(212));
      response.on("error", () => {});
      if (false as boolean) drip();
    });
    const { code, message } = await failureOf(dripping, {
      limits: { ...limits, handshakeMs: 5000 },
    });

    assert.equal(code, "net/timeout");
    assert.match(message, /timed out after 0\.2 s \(got 212 of 1000 bytes\)$/);
  });
});

Deno.test("a DNS server that never answers ends, too", async () => {
  const { fetch } = fetcher({
    lookup: () => new Promise(() => {}),
    limits: { ...LIMITS, connectMs: 20 },
  });

  const answer = fetch(requestTo(1, PROFILE, { connectTo: [] }));

  await assert.rejects(answer, { kind: "preflight", code: "net/dns" });
});

Deno.test("a name that leads to this machine is not connected to", async () => {
  await using server = await serve((_request, response) => response.end("{}"));
  const { fetch } = fetcher({ lookup: () => Promise.resolve(["127.0.0.1"]) });
  const url = `https://${HOST}:${server.port}`;

  const answer = fetch(requestTo(server.port, PROFILE, { url, connectTo: [] }));

  await assert.rejects(answer, { kind: "refused", code: "trust/address" });
  assert.equal(server.connections(), 0);
});

Deno.test("the address that was judged is the one connected to", async () => {
  await using server = await serve((_request, response) => response.end("{}"));
  let lookups = 0;
  const { fetch } = fetcher({
    lookup: () => Promise.resolve([++lookups === 1 ? "127.0.0.1" : "127.0.0.2"]),
  });
  const connectTo = [{ host: "", port: "", toHost: "tunnel", toPort: String(server.port) }];

  const { address } = await fetch(requestTo(server.port, PROFILE, { connectTo }));

  assert.equal(address, `127.0.0.1:${server.port}`);
  assert.equal(lookups, 1);
});

Deno.test("an interrupted fetch ends at once, with the reason given", async (t) => {
  const reason = new SpirefedError("interrupted", "Stopped by SIGINT");
  const cases: readonly (readonly [string, () => Promise<TestServer>])[] = [
    ["in the handshake", () => serveTcp(() => {})],
    ["waiting for an answer", () => serve(() => {})],
    ["in the body", () => serve((_request, response) => void response.write("{"))],
  ];
  for (const [when, start] of cases) {
    await t.step(when, async () => {
      await using server = await start();
      const interrupt = new AbortController();
      const { signal } = interrupt;
      const answer = fetcher().fetch(requestTo(server.port, PROFILE, { signal }));
      const settled = assert.rejects(answer, (error) => error === reason);

      while (server.connections() === 0) await new Promise((resolve) => setImmediate(resolve));
      interrupt.abort(reason);

      await settled;
    });
  }
  await t.step("before it began", async () => {
    const answer = fetcher().fetch(requestTo(1, PROFILE, { signal: AbortSignal.abort(reason) }));

    await assert.rejects(answer, (error) => error === reason);
  });
});
