import assert from "node:assert/strict";
import net from "node:net";
import { NAMESPACES } from "../../manifests/core.ts";
import { type ApiScript, startApi } from "./testing_api.ts";
import { testAuthority } from "./testing_certificates.ts";
import { systemHost } from "./system_host.ts";
import { openTest } from "./testing_host.ts";

const NAMESPACE = { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } };
const OK: ApiScript = { respond: () => ({ body: NAMESPACE }) };

Deno.test("a server that another authority vouches for is refused, and no way around is offered", async () => {
  await using api = await startApi({ ...OK, authority: await testAuthority() });
  const stranger = await testAuthority();
  const { cluster } = await openTest({ ...api, authority: stranger });

  await assert.rejects(cluster.get(NAMESPACES, "n"), (error: Error & { remedy?: string }) => {
    assert.match(error.message, /^\[east\] get Namespace\/n: https:\/\/127\.0\.0\.1:\d+: /);
    assert.equal((error as { code?: string }).code, "net/tls");
    assert.doesNotMatch(`${error.message}${error.remedy}`, /insecure|skip/);
    return true;
  });
  assert.equal(api.requests.length, 0);
});

Deno.test("a server with another name is refused, unless tls-server-name is that name", async () => {
  await using api = await startApi({ ...OK, names: ["api.east.example"] });
  const wrong = await openTest(api);
  const right = await openTest(api, { cluster: { "tls-server-name": "api.east.example" } });

  await assert.rejects(wrong.cluster.get(NAMESPACES, "n"), { code: "net/tls" });
  await right.cluster.get(NAMESPACES, "n");

  assert.equal(api.requests[0]?.servername, "api.east.example");
});

Deno.test("without an authority in the kubeconfig the system's trust store decides", async () => {
  await using api = await startApi(OK);
  const { cluster } = await openTest(api, { cluster: { "certificate-authority-data": "" } });

  await assert.rejects(cluster.get(NAMESPACES, "n"), { code: "net/tls" });
});

Deno.test("an authority that holds no certificate does not turn into the runtime's roots", async () => {
  await using api = await startApi(OK);

  await assert.rejects(
    openTest(api, { cluster: { "certificate-authority-data": btoa("nothing") } }),
    { kind: "usage", message: /no certificate in certificate-authority-data$/ },
  );
});

Deno.test("insecure-skip-tls-verify is obeyed, known and warned of", async () => {
  await using api = await startApi(OK);
  const { cluster, warnings } = await openTest(api, {
    cluster: { "certificate-authority-data": "", "insecure-skip-tls-verify": true },
  });

  await cluster.get(NAMESPACES, "n");

  assert.equal(cluster.server.insecure, true);
  assert.match(warnings[0] ?? "", /^\[east\] its certificate is not checked/);
});

Deno.test("a server fact tells the time of the latest answer and what vouches for it", async () => {
  await using api = await startApi({
    respond: () => ({ body: NAMESPACE, headers: { date: "Tue, 24 Nov 2026 12:10:00 GMT" } }),
  });
  const { cluster } = await openTest(api);
  assert.equal(cluster.server.clock(), undefined);

  await cluster.get(NAMESPACES, "n");

  assert.equal(cluster.server.clock()?.server.toISOString(), "2026-11-24T12:10:00.000Z");
  assert.match(cluster.server.fingerprint, /^[0-9a-f]{64}$/);
  assert.equal(cluster.server.url, api.url);
  assert.equal(cluster.server.insecure, false);
});

const BROKEN: readonly (readonly [string, ApiScript, RegExp, string])[] = [
  [
    "cuts its answer",
    {
      respond: () => (response) => {
        response.writeHead(200, { "content-length": "1000" });
        response.write("{", () => response.socket?.destroy());
      },
    },
    /the connection was cut before the answer was complete$/,
    "net/reset",
  ],
  [
    "cuts its answer after the last byte of JSON, but before the end",
    {
      respond: () => (response) =>
        void response.writeHead(200).write(
          JSON.stringify(NAMESPACE),
          () => response.socket?.destroy(),
        ),
    },
    /the connection was cut before the answer was complete$/,
    "net/reset",
  ],
  [
    "never answers",
    { respond: () => () => undefined },
    /no complete answer within 0\.3 s$/,
    "net/timeout",
  ],
  [
    "never ends its answer",
    { respond: () => (response) => void response.writeHead(200).write("{") },
    /no complete answer within 0\.3 s$/,
    "net/timeout",
  ],
  [
    "announces more than is read",
    {
      respond: () => (response) =>
        void response.writeHead(200, { "content-length": String(9 * 1024 * 1024) }).write("{"),
    },
    /the answer is over 8 MiB$/,
    "server/too-large",
  ],
  [
    "sends more than is read",
    {
      respond: () => (response) => {
        response.on("error", () => undefined);
        for (let at = 0; at < 9; at++) response.write("x".repeat(1024 * 1024));
        response.end();
      },
    },
    /the answer is over 8 MiB$/,
    "server/too-large",
  ],
  [
    "answers with a login page",
    { respond: () => ({ headers: { "content-type": "text/html" }, body: "<html>" }) },
    /200, but with text\/html instead of JSON$/,
    "server/not-json",
  ],
  [
    "redirects",
    { respond: () => ({ status: 302, headers: { location: "https://evil.example" }, body: "" }) },
    /302: redirected to https:\/\/evil\.example, which is not followed$/,
    "http/302",
  ],
  [
    "sends what cannot be read",
    { respond: () => ({ body: { kind: "Namespace", metadata: {} } }) },
    /it cannot be read: /,
    "server/unreadable",
  ],
];

for (const [what, script, message, code] of BROKEN) {
  Deno.test(`a server that ${what} is a failure that says so`, async () => {
    // Only what never comes is worth a short wait: a busy machine is slow, and not silent.
    const requestTimeoutMs = code === "net/timeout" ? 300 : 30_000;
    await using api = await startApi(script);
    const { cluster } = await openTest(api, { access: { requestTimeoutMs } });

    await assert.rejects(cluster.get(NAMESPACES, "n"), { kind: "preflight", message, code });
  });
}

Deno.test("a port where nobody listens is refused, a host without a name unknown", async () => {
  await using api = await startApi(OK);
  const { authority } = api;
  const refused = await openTest({ url: "https://127.0.0.1:1", authority });
  const nameless = await openTest({ url: "https://no-such-host.invalid:6443", authority });

  await assert.rejects(refused.cluster.get(NAMESPACES, "n"), { code: "net/refused" });
  await assert.rejects(nameless.cluster.get(NAMESPACES, "n"), { code: "net/dns" });
});

Deno.test("an abort ends a call at once, with the reason of the abort", async () => {
  const stop = new AbortController();
  const reason = new Error("stopped by SIGINT");
  await using api = await startApi({ respond: () => () => stop.abort(reason) });
  const { cluster } = await openTest(api, { access: { signal: stop.signal } });

  await assert.rejects(cluster.get(NAMESPACES, "n"), reason);
});

Deno.test("NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment changes nothing", async () => {
  await using api = await startApi({ ...OK, authority: await testAuthority() });
  const stranger = await testAuthority();
  const script = `
    import { openTest } from ${JSON.stringify(import.meta.resolve("./testing_host.ts"))};
    import { NAMESPACES } from ${JSON.stringify(import.meta.resolve("../../manifests/core.ts"))};
    const authority = { certificate: ${JSON.stringify(stranger.certificate)} };
    const { cluster } = await openTest({ url: ${JSON.stringify(api.url)}, authority });
    const one = await cluster.get(NAMESPACES, "n").then(() => "trusted", ({ code }) => code);
    const container = { namespace: "n", pod: "p", container: "c" };
    const two = await cluster.exec(container, ["id"]).then(() => "trusted", ({ code }) => code);
    await Deno.stdout.write(new TextEncoder().encode([one, two].join()));
  `;

  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "-A",
      "--no-check",
      "--config",
      configFile(),
      `data:text/typescript,${encodeURIComponent(script)}`,
    ],
    env: { NODE_TLS_REJECT_UNAUTHORIZED: "0" },
  }).output();

  assert.equal(new TextDecoder().decode(stdout), "net/tls,net/tls");
  assert.equal(api.requests.length, 0);
});

function configFile(): string {
  return new URL("../../deno.json", import.meta.url).pathname;
}

for (const scheme of ["http", "socks5"] as const) {
  Deno.test(`a ${scheme} proxy is asked for the server, and TLS goes through it to the end`, async () => {
    await using api = await startApi({
      ...OK,
      names: ["api.internal"],
      exec: (socket) => {
        socket.send(
          Uint8Array.of(3, ...new TextEncoder().encode('{"kind":"Status","status":"Success"}')),
        );
        socket.close();
      },
    });
    await using proxy = await startProxy(api.port);
    const { cluster } = await openTest(api, {
      cluster: {
        server: "https://api.east.example:6443",
        "tls-server-name": "api.internal",
        "proxy-url": `${scheme}://jo:canary@127.0.0.1:${proxy.port}`,
      },
    });

    await cluster.get(NAMESPACES, "n");
    const { code } = await cluster.exec({ namespace: "n", pod: "p", container: "c" }, ["id"]);

    assert.equal(code, 0);
    assert.match(proxy.heard[0] ?? "", /api\.east\.example/);
    assert.equal(proxy.heard.length, 2);
  });
}

Deno.test("a proxy that leads to another server is found out", async () => {
  await using api = await startApi({ ...OK, authority: await testAuthority() });
  await using proxy = await startProxy(api.port);
  const { cluster } = await openTest({ url: api.url, authority: await testAuthority() }, {
    cluster: { "proxy-url": `http://127.0.0.1:${proxy.port}` },
  });

  await assert.rejects(cluster.get(NAMESPACES, "n"), { code: "net/tls" });
  assert.equal(proxy.heard.length, 1);
  assert.equal(api.requests.length, 0);
});

Deno.test("a proxy that refuses or is down is named, without its password", async () => {
  await using api = await startApi(OK);
  await using proxy = await startProxy(undefined);
  const at = async (port: number): Promise<Error> => {
    const { cluster } = await openTest(api, {
      cluster: { "proxy-url": `http://jo:canary@127.0.0.1:${port}` },
    });
    return await cluster.get(NAMESPACES, "n").then(() => assert.fail(), (error) => error);
  };

  const refused = await at(proxy.port);
  const down = await at(1);

  assert.match(refused.message, /proxy 127\.0\.0\.1:\d+ answered 407$/);
  assert.match(down.message, /cannot reach proxy 127\.0\.0\.1:1 \(ECONNREFUSED\)$/);
  assert.ok(!`${refused.stack}${down.stack}`.includes("canary"));
});

interface TestProxy extends AsyncDisposable {
  readonly port: number;
  readonly heard: string[];
}

/** Leads every CONNECT and every SOCKS5 request to one port; to none when there is no port. */
async function startProxy(target: number | undefined): Promise<TestProxy> {
  const heard: string[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    sockets.add(client.on("error", () => undefined));
    client.once("data", (first) => {
      if (first[0] !== 5) return forward(first, "HTTP/1.1 200 OK\r\n\r\n");
      client.write(Uint8Array.of(5, 2));
      client.once("data", () => {
        client.write(Uint8Array.of(1, 0));
        client.once(
          "data",
          (wanted) => forward(wanted, Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0)),
        );
      });
    });
    function forward(wanted: string | Uint8Array, welcome: string | Uint8Array): void {
      heard.push(typeof wanted === "string" ? wanted : new TextDecoder().decode(wanted));
      if (target === undefined) return void client.end("HTTP/1.1 407 No\r\n\r\n");
      const upstream = net.connect(target, "127.0.0.1", () => {
        client.write(welcome);
        client.pipe(upstream).pipe(client);
      });
      sockets.add(upstream.on("error", () => undefined));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return {
    port: (server.address() as net.AddressInfo).port,
    heard,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

for (
  const [dates, says] of [
    [{ notAfter: new Date("2021-01-01T00:00:00Z") }, /has expired, at 2021-01-01T00:00:00Z$/],
    [
      { notBefore: new Date("2040-01-01T00:00:00Z") },
      /is not yet valid: it begins at 2040-01-01T00:00:00Z$/,
    ],
  ] as const
) {
  Deno.test(`a certificate is refused for its dates in so many words: ${says.source}`, async () => {
    await using api = await startApi({ ...OK, authority: await testAuthority(dates) });
    const { complaintAboutCertificate } = systemHost({ env: () => undefined } as never);
    const { cluster } = await openTest(api, { complaintAboutCertificate });

    await assert.rejects(cluster.get(NAMESPACES, "n"), (error: Error & { remedy?: string }) => {
      assert.match(error.message, says);
      assert.match(error.remedy ?? "", /clock/);
      assert.equal((error as { code?: string }).code, "net/tls");
      return true;
    });
    assert.equal(api.requests.length, 0);
  });
}
