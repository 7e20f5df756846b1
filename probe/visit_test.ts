/** Visits to servers that are not ours, over loopback TLS: the program in pods, run by Node.js. */
import assert from "node:assert/strict";
import tls from "node:tls";
import { chainPem, type Issued, root, svid } from "../lib/endpoint/testing_certificates.ts";
import { closedPort } from "../lib/endpoint/testing_servers.ts";
import type { VisitName, VisitRecord } from "../lib/mtls/records.ts";
import { derToPem } from "../lib/spiffe/mod.ts";
import { bench, nodeVersion, startProbe } from "./testing_probes.ts";
import type { TestAnswer } from "./testing_workload_api.ts";

const SERVER = "spiffe://east.example/ns/shop/sa/cart";
const OTHER = "spiffe://east.example/ns/shop/sa/other";
const VISITOR = "spiffe://west.example/run/visitor";

const ignore = await nodeVersion() === undefined;
const [east, west] = [await root("east.example"), await root("west.example")];
const cart = await svid(east, SERVER);
const IDENTITY: TestAnswer = {
  identities: [{ id: VISITOR, svid: await svid(west, VISITOR), roots: [west] }],
  federated: { "east.example": [east] },
};

function visitTest(name: string, work: () => Promise<void>): void {
  Deno.test({ name, ignore, fn: work });
}

/** Visits a port, and answers what each visit came to. */
async function visits(
  port: number,
  names: readonly VisitName[],
  { answer = IDENTITY, ids = [SERVER], watchControlMs = 8_000 }: {
    readonly answer?: TestAnswer;
    readonly ids?: readonly string[];
    readonly watchControlMs?: number;
  } = {},
): Promise<readonly VisitRecord[]> {
  await using place = await bench();
  await using probe = await startProbe(place, {
    role: "visitor",
    self: VISITOR,
    server: { host: "localhost", port, ids },
    visits: names,
    identityMs: 10_000,
    answerMs: 0,
    watchMs: 300,
    watchControlMs,
  }, answer);
  const said = await probe.ended;
  return said.filter((record) => record.event === "visit");
}

/** A server as Go's or OpenSSL's: it ends the handshake where the certificate is not good. */
const STRICT: tls.TlsOptions = {
  requestCert: true,
  rejectUnauthorized: true,
  ca: derToPem(west.der),
};

async function served(
  options: tls.TlsOptions,
  work: (port: number) => Promise<void>,
  { shown = cart, greet = () => {} }: {
    readonly shown?: Issued;
    readonly greet?: (socket: tls.TLSSocket) => void;
  } = {},
): Promise<void> {
  const server = tls.createServer({ cert: chainPem(shown), key: shown.keyPem, ...options });
  const open = new Set<tls.TLSSocket>();
  server.on("secureConnection", (socket) => {
    open.add(socket);
    socket.on("error", () => {});
    greet(socket);
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", () => listening()));
  const { port } = server.address() as { readonly port: number };
  try {
    await work(port);
  } finally {
    for (const socket of open) socket.destroy();
    await new Promise<void>((closed) => server.close(() => closed()));
  }
}

visitTest("a server that verifies keeps a visitor with its SVID, and nobody else", async () => {
  await served(STRICT, async (port) => {
    const [visit, none, forged, other] = await visits(port, [
      "visit",
      "no-certificate",
      "self-signed",
      "other-server-id",
    ]);

    assert.equal(visit?.outcome, "stayed", JSON.stringify(visit));
    assert.equal(visit.saw, SERVER);
    assert.equal(visit.protocol, "TLSv1.3");
    assert.ok((visit.watchedMs ?? 0) >= 250);
    assert.deepEqual(visit.chain.map(({ uris }) => uris), [[SERVER]]);
    assert.equal(none?.outcome, "ended", JSON.stringify(none));
    assert.equal(forged?.outcome, "ended", JSON.stringify(forged));
    assert.deepEqual([other?.outcome, other?.code], ["turned-away", "svid/other-id"]);
  });
});

visitTest("a server that asks for no certificate keeps everybody, which shows", async () => {
  await served({}, async (port) => {
    const [none] = await visits(port, ["no-certificate"], { watchControlMs: 300 });

    assert.equal(none?.outcome, "stayed");
  });
});

visitTest("a server whose application speaks first needs no watching", async () => {
  await served(STRICT, async (port) => {
    const [visit] = await visits(port, ["visit"]);

    assert.deepEqual([visit?.outcome, visit?.spoke], ["stayed", true]);
  }, { greet: (socket) => void socket.write("220 hello\r\n") });
});

visitTest("a server that ends the connection after the handshake lets nobody in", async () => {
  await served(STRICT, async (port) => {
    const [visit] = await visits(port, ["visit"]);

    assert.deepEqual([visit?.outcome, visit?.saw], ["ended", SERVER]);
  }, { greet: (socket) => void socket.destroy() });
});

visitTest("a server of TLS 1.2 is told from one of 1.3, and judged alike", async () => {
  await served({ ...STRICT, maxVersion: "TLSv1.2" }, async (port) => {
    const [visit, none] = await visits(port, ["visit", "no-certificate"]);

    assert.deepEqual([visit?.outcome, visit?.protocol, visit?.saw], ["stayed", "TLSv1.2", SERVER]);
    assert.equal(none?.outcome, "ended");
  });
});

visitTest("one of several IDs will do, and no ID beside them", async () => {
  await served(STRICT, async (port) => {
    const [one] = await visits(port, ["visit"], { ids: [OTHER, SERVER] });
    const [another] = await visits(port, ["visit"], { ids: [OTHER] });

    assert.deepEqual([one?.outcome, one?.saw], ["stayed", SERVER]);
    assert.deepEqual([another?.outcome, another?.saw, another?.code], [
      "turned-away",
      null,
      "svid/other-id",
    ]);
  });
});

visitTest(
  "the right ID signed by an authority of another trust domain is turned away",
  async () => {
    await served(STRICT, async (port) => {
      const [visit] = await visits(port, ["visit"]);

      assert.deepEqual([visit?.outcome, visit?.saw], ["turned-away", null]);
      assert.equal(visit?.code, "authority/unknown");
    }, { shown: await svid(west, SERVER) });
  },
);

visitTest("without the server's bundle nobody is visited, and nobody there is nobody", async () => {
  const without = { identities: IDENTITY.identities };
  const port = await closedPort();
  const [blind] = await visits(port, ["visit"], { answer: without });
  const [nobody] = await visits(port, ["visit"]);

  assert.deepEqual([blind?.outcome, blind?.code], ["turned-away", "bundle/missing"]);
  assert.deepEqual([nobody?.outcome, nobody?.code], ["unreachable", "net/refused"]);
});

visitTest("a certificate with a text beyond all measure is told cut, not left untold", async () => {
  const long = `spiffe://east.example/${"a".repeat(6_000)}`;
  await served(STRICT, async (port) => {
    const [visit] = await visits(port, ["visit"]);

    assert.equal(visit?.outcome, "turned-away");
    assert.equal(visit.chain[0]?.uris[0]?.length, 2_048);
  }, { shown: await svid(east, long) });
});
