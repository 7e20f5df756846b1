/** The probe's verifier, over loopback TLS: the program that runs in pods, run by Node.js. */
import assert from "node:assert/strict";
import tls from "node:tls";
import { chainPem, type Issued, root, svid } from "../lib/endpoint/testing_certificates.ts";
import { speakTls13 } from "../lib/endpoint/testing_impostor.ts";
import { closedPort, serveTcp } from "../lib/endpoint/testing_servers.ts";
import type {
  AttemptName,
  AttemptRecord,
  CallerOrders,
  ProbeRecord,
  ServedRecord,
  TurnedAwayRecord,
} from "../lib/mtls/records.ts";
import { bench, nodeVersion, startProbe } from "./testing_probes.ts";
import type { TestAnswer } from "./testing_workload_api.ts";

const SERVER = "spiffe://east.example/run/server";
const CALLER = "spiffe://west.example/run/caller";
const STRANGER = "spiffe://west.example/run/stranger";
const RUN = "abc123";

const node = await nodeVersion();
if (node === undefined) {
  const notice = "probe tests are passed over: there is no node on PATH\n";
  Deno.stderr.writeSync(new TextEncoder().encode(notice));
}

const [east, west] = [await root("east.example"), await root("west.example")];
const calleeSvid = await svid(east, SERVER);
const callerSvid = await svid(west, CALLER);

/** What the server's agent says when federation is whole. */
const CALLEE: TestAnswer = {
  identities: [{ id: SERVER, svid: calleeSvid, roots: [east] }],
  federated: { "west.example": [west] },
};
const FEDERATED_CALLER: TestAnswer = {
  identities: [
    { id: CALLER, svid: callerSvid, roots: [west] },
    { id: STRANGER, svid: await svid(west, STRANGER), roots: [west] },
  ],
  federated: { "east.example": [east] },
};

function probeTest(name: string, work: () => Promise<void>): void {
  Deno.test({ name, ignore: node === undefined, fn: work });
}

/** Lets a caller work against a server, and answers what both say. */
async function play(
  attempts: readonly AttemptName[],
  { callee = CALLEE, caller = FEDERATED_CALLER, orders = {} }: {
    readonly callee?: TestAnswer;
    readonly caller?: TestAnswer;
    readonly orders?: Partial<CallerOrders>;
  } = {},
): Promise<{ readonly caller: readonly ProbeRecord[]; readonly server: readonly ProbeRecord[] }> {
  await using place = await bench();
  const port = await closedPort();
  const common = { identityMs: 10_000 };
  await using server = await startProbe(place, {
    ...common,
    role: "server",
    self: SERVER,
    allowed: CALLER,
    port,
  }, callee);
  await server.until((record) => record.event === "listening");
  await using calling = await startProbe(place, callerOrders(port, attempts, orders), caller);
  const said = await calling.ended;
  for (const { nonce, outcome } of attemptsIn(said)) {
    if (outcome !== "no-reply") continue;
    await server.until((record): record is TurnedAwayRecord =>
      record.event === "turned-away" && record.nonce === nonce
    );
  }
  return { caller: said, server: [...server.records] };
}

function callerOrders(
  port: number,
  attempts: readonly AttemptName[],
  orders: Partial<CallerOrders> = {},
): CallerOrders {
  return {
    role: "caller",
    self: CALLER,
    server: { host: "localhost", port, id: SERVER },
    run: RUN,
    attempts,
    stranger: STRANGER,
    repeat: 1,
    identityMs: 10_000,
    answerMs: 0,
    ...orders,
  };
}

/** A caller on its own, against a port that somebody else has. */
async function callPort(port: number): Promise<AttemptRecord> {
  await using place = await bench();
  const orders = callerOrders(port, ["call"], { stranger: undefined });
  await using probe = await startProbe(place, orders, FEDERATED_CALLER);
  return only(attemptsIn(await probe.ended).slice(-1));
}

function attemptsIn(records: readonly ProbeRecord[]): readonly AttemptRecord[] {
  return records.filter((record) => record.event === "attempt");
}

function servedIn(records: readonly ProbeRecord[]): readonly ServedRecord[] {
  return records.filter((record) => record.event === "served");
}

function only<T>(list: readonly T[]): T {
  assert.equal(list.length, 1, JSON.stringify(list));
  return list[0] as T;
}

/** How the server, or the caller, turned an attempt away. */
function refusal(
  name: AttemptName,
  { caller, server }: Awaited<ReturnType<typeof play>>,
): readonly unknown[] {
  const attempt = only(attemptsIn(caller).filter((record) => record.name === name));
  if (attempt.outcome === "turned-away") return ["caller", attempt.stage, attempt.code];
  assert.equal(attempt.outcome, "no-reply", JSON.stringify(attempt));
  const record = server.find((record) =>
    record.event === "turned-away" && record.nonce === attempt.nonce
  ) as TurnedAwayRecord;
  return ["server", record.stage, record.code];
}

probeTest("both sides say whom they saw, and the caller's nonce comes back", async () => {
  const { caller, server } = await play(["call"], { orders: { repeat: 4 } });

  const attempt = only(attemptsIn(caller));
  assert.equal(attempt.outcome, "answered", JSON.stringify(attempt));
  assert.ok(attempt.nonce.startsWith(`${RUN}-`));
  assert.deepEqual(attempt.reply, { nonce: attempt.nonce, self: SERVER, saw: CALLER });
  assert.deepEqual([attempt.self, attempt.saw, attempt.protocol], [CALLER, SERVER, "TLSv1.3"]);
  const [served] = servedIn(server);
  assert.deepEqual([served?.nonce, served?.saw, served?.self], [attempt.nonce, CALLER, SERVER]);
  assert.deepEqual(served?.claimed, { self: CALLER, saw: SERVER });
  const repeated = caller.find((record) => record.event === "repeated");
  assert.deepEqual([repeated?.calls, repeated?.answered], [3, 3]);
  assert.equal(repeated?.roundTripMs.length, 3);
  assert.equal(new Set(servedIn(server).map(({ nonce }) => nonce)).size, 4);
});

probeTest("every call that must be refused is, by the right side, for its reason", async () => {
  const played = await play([
    "call",
    "no-certificate",
    "stranger",
    "self-signed",
    "other-authority",
    "other-server-id",
    "impostor-server",
  ]);

  const unknown = ["handshake", "authority/unknown"];
  assert.deepEqual(refusal("no-certificate", played), [
    ...["server", "handshake", "certificate/absent"],
  ]);
  assert.deepEqual(refusal("stranger", played), ["server", "identity", "svid/other-id"]);
  assert.deepEqual(refusal("self-signed", played), ["server", ...unknown]);
  assert.deepEqual(refusal("other-authority", played), ["server", ...unknown]);
  assert.deepEqual(refusal("other-server-id", played), ["caller", "identity", "svid/other-id"]);
  assert.deepEqual(refusal("impostor-server", played), ["caller", ...unknown]);
  assert.equal(servedIn(played.server).length, 1);
});

probeTest(
  "the authority of another trust domain is known to both sides, and vouches for nothing",
  async () => {
    const { caller, server } = await play(["call", "other-authority", "impostor-server"]);

    const { known } = only(
      server.filter((record) => record.event === "turned-away") as TurnedAwayRecord[],
    );
    assert.equal(known.filter((name) => name.endsWith(".invalid")).length, 1);
    const impostor = attemptsIn(caller).find(({ name }) => name === "impostor-server");
    assert.deepEqual(impostor?.known.filter((name) => name.endsWith(".invalid")), [
      ...known.filter((name) => name.endsWith(".invalid")),
    ]);
  },
);

probeTest("an SVID past its expiry is refused by the server", async () => {
  const notAfter = new Date(Date.now() - 5_000);
  const expired = await svid(west, CALLER, { notAfter });
  const caller = {
    ...FEDERATED_CALLER,
    identities: [{ id: CALLER, svid: expired, roots: [west] }],
  };
  const played = await play(["expired"], { caller, orders: { stranger: undefined } });

  assert.deepEqual(refusal("expired", played), ["server", "handshake", "certificate/expired"]);
});

probeTest("without the server's bundle the caller turns the server away", async () => {
  const { identities } = FEDERATED_CALLER;
  const played = await play(["call"], { caller: { identities }, orders: { repeat: 4 } });

  assert.deepEqual(refusal("call", played), ["caller", "identity", "bundle/missing"]);
  const repeated = played.caller.find((record) => record.event === "repeated");
  assert.deepEqual([repeated?.calls, repeated?.answered], [3, 0]);
});

probeTest("without the caller's bundle the server turns the caller away", async () => {
  const { identities } = CALLEE;
  const played = await play(["call"], { callee: { identities } });

  assert.deepEqual(refusal("call", played), ["server", "handshake", "authority/unknown"]);
});

probeTest("a bundle of other roots than the server's is a reason to turn it away", async () => {
  const other = await root("east.example");
  const caller = { ...FEDERATED_CALLER, federated: { "east.example": [other] } };
  const played = await play(["call"], { caller });

  assert.deepEqual(refusal("call", played), ["caller", "handshake", "authority/unknown"]);
});

probeTest("a server that shows the right certificate without its key is turned away", async () => {
  const stranger = await svid(east, SERVER);
  await using impostor = await serveTcp((socket) => {
    const shown = { chain: [calleeSvid.der], keyPem: stranger.keyPem, protocol: null };
    speakTls13(socket, shown).catch(() => {});
  });

  const { outcome, reply, detail } = await callPort(impostor.port);

  assert.deepEqual([outcome, reply], ["unreachable", null]);
  assert.match(detail ?? "", /bad signature/i);
});

probeTest("a server of TLS 1.2 is turned away", async () => {
  await using server = await tlsServerOf(calleeSvid, { maxVersion: "TLSv1.2" });

  const { outcome, code } = await callPort(server.port);

  assert.deepEqual([outcome, code], ["unreachable", "tls/version"]);
});

probeTest(
  "a server whose certificate has no SPIFFE ID is told apart by what it shows",
  async () => {
    const dnsNames = ["*.apps.east.example"];
    const router = await svid(await root("router.example"), SERVER, { uris: [], dnsNames });
    await using server = await tlsServerOf(router);

    const { outcome, code, shown } = await callPort(server.port);

    assert.deepEqual([outcome, code, shown?.uris], ["turned-away", "authority/unknown", []]);
  },
);

probeTest("nobody at the port, and a connection that is cut, are told apart", async () => {
  await using cutter = await serveTcp((socket) => socket.destroy());
  const [refused, cut] = await Promise.all([
    callPort(await closedPort()),
    callPort(cutter.port),
  ]);

  assert.deepEqual([refused.outcome, refused.code], ["unreachable", "net/refused"]);
  assert.deepEqual([cut.outcome, cut.code], ["unreachable", "net/reset"]);
});

probeTest("a caller of TLS 1.2 is turned away", async () => {
  await using place = await bench();
  const port = await closedPort();
  await using server = await startProbe(place, {
    role: "server",
    self: SERVER,
    allowed: CALLER,
    port,
    identityMs: 10_000,
  }, CALLEE);
  await server.until((record) => record.event === "listening");

  const socket = tls.connect({
    port,
    host: "localhost",
    ca: east.pem,
    cert: chainPem(callerSvid),
    key: callerSvid.keyPem,
    maxVersion: "TLSv1.2",
    rejectUnauthorized: true,
    checkServerIdentity: () => undefined,
  });
  await new Promise((over) => socket.on("error", over).on("close", over));
  const record = await server.until((record): record is TurnedAwayRecord =>
    record.event === "turned-away"
  );

  assert.deepEqual([record.stage, record.code], ["handshake", "tls/version"]);
});

probeTest("an identity that is late is waited for, one that never comes is named", async () => {
  const late = await play(["call"], {
    caller: { ...FEDERATED_CALLER, denials: 1 },
    orders: { answerMs: 5_000 },
  });
  const never = await play(["call"], {
    caller: { identities: [], denials: 1000 },
    orders: { identityMs: 3_000 },
  });

  const waiting = late.caller.find((record) => record.event === "waiting");
  assert.deepEqual([waiting?.code, waiting?.message], [
    "workload-api/denied",
    "no identity issued",
  ]);
  assert.equal(only(attemptsIn(late.caller)).outcome, "answered");
  const gaveUp = never.caller.find((record) => record.event === "gave-up");
  assert.equal(gaveUp?.code, "workload-api/denied");
});

probeTest("no key and nothing of one is ever said", async () => {
  const { caller, server } = await play(["call", "self-signed", "other-authority"]);

  const said = JSON.stringify([caller, server]);
  assert.doesNotMatch(said, /PRIVATE/);
  for (const { keyPem } of [callerSvid, calleeSvid]) {
    const [, middle = ""] = keyPem.split("\n").filter((line) => !line.startsWith("-----"));
    assert.ok(middle.length > 10 && !said.includes(middle.slice(0, 20)));
  }
});

async function tlsServerOf(
  shown: Issued,
  options: tls.TlsOptions = {},
): Promise<AsyncDisposable & { readonly port: number }> {
  const server = tls.createServer({ cert: chainPem(shown), key: shown.keyPem, ...options });
  server.on("tlsClientError", () => {});
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", () => listening()));
  const { port } = server.address() as { readonly port: number };
  return {
    port,
    [Symbol.asyncDispose]: () => new Promise((closed) => server.close(() => closed())),
  };
}
