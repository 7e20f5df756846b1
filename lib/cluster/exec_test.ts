import assert from "node:assert/strict";
import type { WebSocket } from "ws";
import { type ApiScript, startApi } from "./testing_api.ts";
import { openTest } from "./testing_host.ts";

const CONTAINER = { namespace: "spire", pod: "spire-server-0", container: "spire-server" };

function say(socket: WebSocket, channel: number, text: string): void {
  socket.send(Uint8Array.of(channel, ...new TextEncoder().encode(text)));
}

function end(socket: WebSocket, status: unknown): void {
  say(socket, 3, JSON.stringify(status));
  socket.close();
}

/** As a real server says it on channel 3: without a kind. */
const SUCCESS = { metadata: {}, status: "Success" };

Deno.test("exec() hands stdin on and answers stdout, stderr and the exit code", async () => {
  const heard: number[][] = [];
  let url = "";
  await using api = await startApi({
    exec: (socket, request) => {
      url = request.url ?? "";
      socket.on("message", (data) => {
        heard.push([...data as Uint8Array]);
        if ((data as Uint8Array)[0] !== 255) return;
        say(socket, 1, "ok");
        say(socket, 2, "e");
        const causes = [{ reason: "ExitCode", message: "3" }];
        end(socket, { metadata: {}, status: "Failure", details: { causes } });
      });
    },
  });
  const { cluster } = await openTest(api);

  const result = await cluster.exec(CONTAINER, ["cat", "--", "a b&c"], {
    stdin: new TextEncoder().encode("hi"),
  });

  assert.deepEqual(result, { code: 3, stdout: "ok", stderr: "e" });
  assert.deepEqual(heard, [[0, 0x68, 0x69], [255, 0]]);
  const { searchParams } = new URL(url, api.url);
  assert.deepEqual(searchParams.getAll("command"), ["cat", "--", "a b&c"]);
  assert.equal(searchParams.get("container"), "spire-server");
});

Deno.test("exec() reads characters that were cut between two messages", async () => {
  await using api = await startApi({
    exec: (socket) => {
      socket.send(Uint8Array.of(1, 0xc3));
      socket.send(Uint8Array.of(1, 0xa4));
      end(socket, SUCCESS);
    },
  });
  const { cluster } = await openTest(api);

  assert.deepEqual(await cluster.exec(CONTAINER, ["x"]), { code: 0, stdout: "ä", stderr: "" });
});

Deno.test("exec() gives a megabyte to stdin in order", async () => {
  const stdin = crypto.getRandomValues(new Uint8Array(60_000)).toHex().repeat(9);
  let got = "";
  await using api = await startApi({
    exec: (socket) =>
      void socket.on("message", (data) => {
        const bytes = data as Uint8Array;
        if (bytes[0] === 255) end(socket, SUCCESS);
        else got += new TextDecoder().decode(bytes.subarray(1));
      }),
  });
  const { cluster } = await openTest(api);

  await cluster.exec(CONTAINER, ["cat"], { stdin: new TextEncoder().encode(stdin) });

  assert.equal(got, stdin);
});

const FORBIDDEN = {
  kind: "Status",
  status: "Failure",
  reason: "Forbidden",
  message: 'pods "spire-server-0" is forbidden: User "jo" cannot create resource "pods/exec"',
  details: { name: "spire-server-0" },
};

const FAILURES: readonly (readonly [string, ApiScript, string, RegExp])[] = [
  [
    "is cut",
    { exec: (socket) => (say(socket, 1, "half"), socket.terminate()) },
    "net/reset",
    /cut before the answer was complete; whether the server did it is not known$/,
  ],
  ["closes without a status", { exec: (socket) => socket.close(1000) }, "net/reset", /cut before/],
  ["never ends", { exec: () => undefined }, "net/timeout", /no complete answer within 0\.3 s/],
  [
    "cannot run the command",
    {
      exec: (socket) => end(socket, { kind: "Status", status: "Failure", message: "no such file" }),
    },
    "exec/failed",
    /^\[east\] exec Pod\/spire-server-0: no such file$/,
  ],
  [
    "sends more than is read",
    {
      exec: (socket) => {
        const piece = new Uint8Array(1024 * 1024).fill(1);
        for (let at = 0; at < 17; at++) socket.send(piece, () => undefined);
      },
    },
    "server/too-large",
    /the answer is over 16 MiB$/,
  ],
];

for (const [what, script, code, message] of FAILURES) {
  Deno.test(`exec() fails when the connection ${what}`, async () => {
    await using api = await startApi(script);
    const requestTimeoutMs = what === "never ends" ? 300 : 5000;
    const { cluster } = await openTest(api, { access: { requestTimeoutMs } });

    await assert.rejects(cluster.exec(CONTAINER, ["x"]), { kind: "preflight", code, message });
  });
}

Deno.test("exec() that is refused tells the server's reason and the permission to ask for", async () => {
  await using api = await startApi({ refuseExec: () => ({ status: 403, body: FORBIDDEN }) });
  const { cluster } = await openTest(api);

  await assert.rejects(cluster.exec(CONTAINER, ["x"]), {
    code: "http/403",
    message: `[east] exec Pod/spire-server-0: 403 Forbidden: ${FORBIDDEN.message}`,
    remedy: "oc --context east auth can-i create pods/exec -n spire",
  });
});

Deno.test("exec() that is turned away comes again when the server says so, and only then", async () => {
  for (const retryAfter of ["2", undefined]) {
    let refusals = 0;
    const headers = retryAfter === undefined ? {} : { "retry-after": retryAfter };
    await using api = await startApi({
      refuseExec: () => refusals++ === 0 ? { status: 429, headers, body: {} } : undefined,
      exec: (socket) => end(socket, SUCCESS),
    });
    const { cluster, host } = await openTest(api);

    const run = cluster.exec(CONTAINER, ["x"]);

    if (retryAfter === undefined) await assert.rejects(run, { code: "http/429" });
    else assert.equal((await run).code, 0);
    assert.deepEqual(host.slept, retryAfter === undefined ? [] : [2100]);
  }
});

Deno.test("exec() ends at once with the reason when its caller gives up", async () => {
  const stop = new AbortController();
  const reason = new Error("enough");
  await using api = await startApi({ exec: () => stop.abort(reason) });
  const { cluster } = await openTest(api);

  await assert.rejects(cluster.exec(CONTAINER, ["x"], { signal: stop.signal }), reason);
});
