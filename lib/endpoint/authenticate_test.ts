import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { SpirefedError } from "../errors.ts";
import { diagnoseEndpoint } from "./diagnose.ts";
import type { EndpointAnswer, EndpointProfile } from "./endpoint.ts";
import { createFetchBundle } from "./fetch_bundle.ts";
import {
  type CertificateOptions,
  intermediate,
  type Issued,
  NOW,
  root,
  svid,
} from "./testing_certificates.ts";
import { type Reaction, speakTls12, speakTls13 } from "./testing_impostor.ts";
import {
  ENDPOINT_ID,
  HOST,
  requestTo,
  serveBundle,
  serveTcp,
  serveTls,
  type TestServer,
  TRUST_DOMAIN,
  underRoots,
} from "./testing_servers.ts";

const ROOT = await root(TRUST_DOMAIN);
const OTHER_ROOT = await root(TRUST_DOMAIN);
const INTERMEDIATE = await intermediate(ROOT, TRUST_DOMAIN);
const GOOD = await svid(INTERMEDIATE, ENDPOINT_ID);
const STRANGER = await svid(OTHER_ROOT, ENDPOINT_ID);
const LONG_AGO = new Date("2021-01-01T00:00:00Z");
const LONG_HENCE = new Date("2048-01-01T00:00:00Z");

/** Fetches from a server, then disposes of it. */
async function fetchFrom(
  starting: Promise<TestServer>,
  profile: EndpointProfile = underRoots(ROOT),
  webRoots: readonly string[] = [],
): Promise<EndpointAnswer> {
  await using server = await starting;
  return await createFetchBundle({ webRoots: () => webRoots })(requestTo(server.port, profile));
}

/** A server with a spoilt SVID. */
async function spoilt(options: CertificateOptions): Promise<TestServer> {
  return await serveTls(await svid(INTERMEDIATE, ENDPOINT_ID, options));
}

async function failureOf(answer: Promise<EndpointAnswer>): Promise<SpirefedError> {
  const failure = await answer.then(() => undefined, (error: unknown) => error);
  assert.ok(failure instanceof SpirefedError, `not a SpirefedError: ${failure}`);
  assert.ok(failure.message.startsWith(`https://${HOST}: `), failure.message);
  assert.ok(failure.remedy, "there is no remedy");
  return failure;
}

Deno.test("an endpoint with its SVID answers, under its root or its intermediate", async (t) => {
  await t.step("leaf, intermediate, root in the bundle", async () => {
    const { body, chain, address, date } = await fetchFrom(serveTls(GOOD));

    assert.equal(new TextDecoder().decode(body), '{"keys":[]}');
    assert.deepEqual(chain, [GOOD.der, INTERMEDIATE.der]);
    assert.match(address, /^127\.0\.0\.1:\d+$/);
    assert.deepEqual(date, NOW);
  });
  await t.step("leaf signed by a root, among several roots", async () => {
    const direct = await svid(ROOT, ENDPOINT_ID, { subject: "" });

    const { chain } = await fetchFrom(serveTls(direct), underRoots(OTHER_ROOT, ROOT));

    assert.deepEqual(chain, [direct.der]);
  });
});

Deno.test("the name asked for is that of the URL, wherever TCP leads", async () => {
  let seen: unknown;
  const server = serveTls(GOOD, (request, response) => {
    seen = {
      servername: Reflect.get(request.socket, "servername"),
      url: request.url,
      headers: request.headers,
    };
    serveBundle(request, response);
  });

  await fetchFrom(server);

  assert.deepEqual(seen, {
    servername: HOST,
    url: "/",
    headers: {
      host: HOST,
      accept: "application/json",
      "accept-encoding": "identity",
      connection: "close",
    },
  });
});

const SPOILT: readonly (readonly [what: string, options: CertificateOptions, says: RegExp])[] = [
  ["of another ID", { uris: [`spiffe://${TRUST_DOMAIN}/other`] }, /it is spiffe:.*other, not /],
  ["of a longer ID", { uris: [`${ENDPOINT_ID}/other`] }, /it is spiffe:.*server\/other, not /],
  ["with two URIs", { uris: [ENDPOINT_ID, "spiffe://x.example/y"] }, /carries 2 URIs/],
  ["that is a CA", { isCA: true }, /is a CA/],
  ["without digitalSignature", { keyUsage: 0x08 }, /lacks? |key usage is not/],
  ["that may sign certificates", { keyUsage: 0x01 | 0x20 }, /key usage is not/],
  ["without key usage", { keyUsage: undefined }, /key usage is not/],
  ["for clients only", { extendedKeyUsage: ["1.3.6.1.5.5.7.3.2"] }, /lacks serverAuth/],
  ["of a router", { uris: [], dnsNames: [`*.apps.${TRUST_DOMAIN}`] }, /carries no SPIFFE ID/],
];

for (const [what, options, says] of SPOILT) {
  Deno.test(`an endpoint with a certificate ${what} is refused`, async () => {
    const { kind, code, message } = await failureOf(fetchFrom(spoilt(options)));

    assert.deepEqual([kind, code], ["refused", "trust/impostor"]);
    assert.match(message, says);
  });
}

Deno.test("an endpoint that no authority of the bundle vouches for is refused", async (t) => {
  const cases: readonly (readonly [string, () => Promise<TestServer>])[] = [
    ["another root of the same name", () => serveTls(STRANGER)],
    ["a missing intermediate", () => serveTls({ cert: GOOD.pem, key: GOOD.keyPem })],
  ];
  for (const [what, start] of cases) {
    await t.step(what, async () => {
      const { kind, code, message } = await failureOf(fetchFrom(start()));

      assert.deepEqual([kind, code], ["refused", "trust/impostor"]);
      assert.match(message, /it shows spiffe:.* do not vouch/);
    });
  }
});

Deno.test("without any authority nobody is believed", async () => {
  const { kind, code } = await failureOf(fetchFrom(serveTls(GOOD), underRoots()));

  assert.deepEqual([kind, code], ["refused", "trust/no-authority"]);
});

Deno.test("an expired SVID names both clocks", async () => {
  const { kind, code, message, remedy } = await failureOf(
    fetchFrom(spoilt({ notAfter: LONG_AGO })),
  );

  assert.deepEqual([kind, code], ["refused", "trust/expired"]);
  assert.match(message, /ended at 2021-01-01T00:00:00Z; the clock here says 2026-11-24T12:00:00Z/);
  assert.match(message, /, the endpoint's says 2026-11-24T12:00:00Z$/);
  assert.match(remedy ?? "", /SPIRE server/);
});

Deno.test("an SVID of the future, on a server in the future, blames the clocks", async () => {
  const future = await svid(INTERMEDIATE, ENDPOINT_ID, { notBefore: LONG_HENCE });
  const server = serveTls(future, (_request, response) => {
    response.writeHead(200, { date: "Wed, 01 Jan 2048 00:10:00 GMT" }).end("{}");
  });

  const { kind, code, message, remedy } = await failureOf(fetchFrom(server));

  assert.deepEqual([kind, code], ["refused", "trust/not-yet-valid"]);
  assert.match(message, /begins at 2048.*the clock here says 2026.*the endpoint's says 2048/);
  assert.match(remedy ?? "", /NTP/);
});

Deno.test("an SVID is judged by the time given, not only by the machine's", async () => {
  await using server = await serveTls(GOOD);
  const now = new Date("2049-06-01T00:00:00Z");

  const answer = createFetchBundle()(requestTo(server.port, underRoots(ROOT), { now }));

  const { code, message } = await failureOf(answer);
  assert.equal(code, "trust/expired");
  assert.match(message, /the clock here says 2049-06-01/);
});

Deno.test("a router's page without an endpoint behind it is named", async () => {
  const router = await svid(OTHER_ROOT, ENDPOINT_ID, { uris: [], dnsNames: ["*.apps.example"] });
  const server = serveTls(router, (_request, response) => {
    response.writeHead(503, { "content-type": "text/html" });
    response.end("<html><h1>Application is not available</h1></html>");
  });

  const { message, remedy } = await failureOf(fetchFrom(server));

  assert.match(
    message,
    /router or proxy.*HTTP 503, body is HTML \("Application is not available"\)/,
  );
  assert.match(remedy ?? "", /passthrough/);
});

Deno.test("hostile text in a certificate reaches no terminal", async () => {
  const uri = "spiffe://east.example/\u001b[2J";

  const { message } = await failureOf(fetchFrom(spoilt({ uris: [uri] })));

  assert.ok(!message.includes("\u001b"));
});

for (const [version, speak] of [["1.3", speakTls13], ["1.2", speakTls12]] as const) {
  Deno.test(`TLS ${version}: the victim's chain with another key is refused`, async () => {
    const { reaction, failure } = await meet(speak, STRANGER);

    assert.equal(reaction, "alert");
    assert.deepEqual([failure?.kind, failure?.code], ["refused", "trust/impostor"]);
    assert.match(failure?.message ?? "", /whose private key it does not hold/);
  });

  Deno.test(`TLS ${version}: the same server with the right key is believed`, async () => {
    const { reaction } = await meet(speak, GOOD);

    assert.equal(reaction, "went on");
  });
}

/** Meets a server that shows the good chain and signs with a key of its own. */
async function meet(
  speak: typeof speakTls13,
  { keyPem }: Issued,
): Promise<{ reaction: Reaction | undefined; failure: SpirefedError | undefined }> {
  let reaction: Promise<Reaction> | undefined;
  const starting = serveTcp((socket) => {
    const spoken = speak(socket, { chain: [GOOD.der, INTERMEDIATE.der], keyPem });
    reaction ??= spoken;
  });
  const failure = await fetchFrom(starting).then(() => undefined, (error: unknown) => error);
  assert.ok(failure === undefined || failure instanceof SpirefedError);
  return { reaction: await reaction, failure };
}

Deno.test("what does not speak TLS as it should is told apart from an impostor", async (t) => {
  const alert = (version: number, code: number) => Buffer.from([21, 3, version, 0, 2, 2, code]);
  const cases: readonly (readonly [string, Uint8Array, string, RegExp])[] = [
    ["plain HTTP", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"), "net/tls", /not speak TLS/],
    ["TLS 1.1 only", alert(1, 70), "net/tls", /neither TLS 1.2 nor 1.3/],
    ["no route for the name", alert(3, 112), "net/tls", /the alert UnrecognisedName/],
    ["a closed connection", Buffer.alloc(0), "net/reset", /closed during the TLS handshake/],
  ];
  for (const [what, bytes, code, says] of cases) {
    await t.step(what, async () => {
      const server = serveTcp((socket) => socket.once("data", () => socket.end(bytes)));

      const failure = await failureOf(fetchFrom(server));

      assert.deepEqual([failure.kind, failure.code], ["preflight", code]);
      assert.match(failure.message, says);
    });
  }
});

Deno.test("https_web believes the roots of this machine and the host's name", async (t) => {
  const web = { type: "https_web" } as const;
  const site = await svid(ROOT, ENDPOINT_ID, { uris: [], dnsNames: [HOST] });

  await t.step("a certificate for the host", async () => {
    const { chain } = await fetchFrom(serveTls(site), web, [ROOT.pem]);

    assert.deepEqual(chain[0], site.der);
  });
  await t.step("a CA unknown here", async () => {
    const { code, message } = await failureOf(fetchFrom(serveTls(site), web, [OTHER_ROOT.pem]));

    assert.equal(code, "trust/impostor");
    assert.match(message, /no CA that this machine trusts/);
  });
  await t.step("another host", async () => {
    const other = await svid(ROOT, ENDPOINT_ID, { uris: [], dnsNames: ["other.example"] });
    const { code, message } = await failureOf(fetchFrom(serveTls(other), web, [ROOT.pem]));

    assert.equal(code, "trust/impostor");
    assert.match(message, /for another host/);
  });
  await t.step("an SVID: no falling back to the other profile", async () => {
    const { code, message } = await failureOf(fetchFrom(serveTls(GOOD), web, [ROOT.pem]));

    assert.equal(code, "trust/impostor");
    assert.match(message, /it is an https_spiffe endpoint/);
  });
});

Deno.test("https_spiffe does not fall back to a certificate for the host", async () => {
  const site = await svid(ROOT, ENDPOINT_ID, { uris: [], dnsNames: [HOST] });

  const { code } = await failureOf(fetchFrom(serveTls(site), underRoots(ROOT), [ROOT.pem]));

  assert.equal(code, "trust/impostor");
});

Deno.test("diagnoseEndpoint() finds nothing wrong with a good endpoint, and names faults", async () => {
  await using good = await serveTls(GOOD);
  await using stranger = await serveTls(STRANGER);

  const nothing = await diagnoseEndpoint(requestTo(good.port, underRoots(ROOT)));
  const fault = await diagnoseEndpoint(requestTo(stranger.port, underRoots(ROOT)));

  assert.equal(nothing, undefined);
  assert.equal(fault?.problem, "untrusted");
});
