/**
 * Why a handshake failed, in SPIFFE's terms. The TLS library's own codes mislead
 * (an expired SVID and an impostor have the same one), so the certificates are
 * asked for once more, unverified, and read. This is the only place that speaks TLS
 * without verification, and nothing that it hears decides anything.
 *
 * @module
 */
import tls from "node:tls";
import { type FailureKind, SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import { readCertificate } from "../spiffe/certificate.ts";
import type { PinnedAddress } from "./address.ts";
import { bodyPhrase } from "./answer.ts";
import { chainOf, codeOf, type ConnectOptions, connectTcp, handshake } from "./connection.ts";
import type { EndpointDiagnosis, EndpointProfile } from "./endpoint.ts";
import { getOver, type HttpAnswer } from "./http_get.ts";
import { within } from "./patience.ts";
import { iso, judgeChain, judgeTime } from "./svid_authentication.ts";

/** What a diagnosis starts from. */
export interface DiagnosisRequest {
  readonly addresses: readonly PinnedAddress[];
  readonly profile: EndpointProfile;
  /** The time certificates are judged by. */
  readonly now: Date;
  /** What the verified handshake failed with. */
  readonly failure: unknown;
}

/** What an unverified connection saw. */
interface Sighting {
  readonly chain: readonly Uint8Array[];
  /** What the library says of the certificate's names, for https_web. */
  readonly nameComplaint: string | undefined;
  readonly answer: HttpAnswer | undefined;
}

const CLOCK_TOLERANCE_MS = 60_000;

/** Looks at an endpoint once more, unverified, and says what is wrong with it. */
export async function diagnoseAt(
  request: DiagnosisRequest,
  options: ConnectOptions,
): Promise<EndpointDiagnosis> {
  const early = explainAlert(request.failure);
  if (early !== undefined) return early;
  let sighting: Sighting;
  try {
    sighting = await look(request.addresses, options);
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof SpirefedError) throw error;
    return explainAlert(error) ?? WRONG_KEY;
  }
  return judgeSighting(sighting, request);
}

/** Makes the failure of a fetch out of a diagnosis. */
export function refusal(
  shown: string,
  diagnosis: EndpointDiagnosis,
  cause?: unknown,
): SpirefedError {
  const { kind, code } = OUTCOMES.get(diagnosis.problem) ?? IMPOSTOR;
  return new SpirefedError(kind, `${shown}: ${diagnosis.detail}`, {
    code,
    cause,
    remedy: diagnosis.remedy,
  });
}

const IMPOSTOR = { kind: "refused", code: "trust/impostor" } as const;

const OUTCOMES: ReadonlyMap<string, { readonly kind: FailureKind; readonly code: string }> =
  new Map([
    ["expired", { kind: "refused", code: "trust/expired" }],
    ["not_yet_valid", { kind: "refused", code: "trust/not-yet-valid" }],
    ["tls_version", { kind: "preflight", code: "net/tls" }],
    ["not_tls", { kind: "preflight", code: "net/tls" }],
    ["tls_alert", { kind: "preflight", code: "net/tls" }],
    ["reset", { kind: "preflight", code: "net/reset" }],
  ]);

const WRONG_KEY: EndpointDiagnosis = {
  problem: "wrong_key",
  detail: "it shows a certificate but cannot prove that it holds the private key: " +
    "somebody copied the certificate, and answers in the endpoint's place",
  remedy: "Find out who answers at this address before anything else is done with it",
};

/** What can be told from the failed handshake alone. */
function explainAlert(error: unknown): EndpointDiagnosis | undefined {
  const code = codeOf(error) ?? "";
  if (code === "ECONNRESET" || code === "EPIPE") {
    return {
      problem: "reset",
      detail: "connection closed during the TLS handshake",
      remedy: "Check that the route is admitted and passthrough, and that no firewall cuts TLS",
    };
  }
  if (code.endsWith("ALERT_PROTOCOL_VERSION") || code.endsWith("UNSUPPORTED_PROTOCOL")) {
    return {
      problem: "tls_version",
      detail: "it speaks neither TLS 1.2 nor 1.3",
      remedy: "Find out what answers there: a SPIRE server speaks both",
    };
  }
  if (code.endsWith("WRONG_VERSION_NUMBER")) {
    return {
      problem: "not_tls",
      detail: "what answers there does not speak TLS",
      remedy: "Check host and port of the URL",
    };
  }
  if (!code.includes("_ALERT_")) return undefined;
  const said = error instanceof Error ? printable(error.message, 200) : "";
  return {
    problem: "tls_alert",
    detail: `it ended the TLS handshake: ${said}`,
    remedy:
      "Check host and port of the URL; a router ends it so when it knows no route for the host",
  };
}

async function look(
  addresses: readonly PinnedAddress[],
  options: ConnectOptions,
): Promise<Sighting> {
  const { socket: tcp } = await connectTcp(addresses, options);
  try {
    const socket = await handshake(tcp, { rejectUnauthorized: false }, options);
    const leaf = socket.getPeerCertificate(true);
    const chain = chainOf(leaf);
    return {
      chain,
      nameComplaint: chain.length === 0
        ? undefined
        : tls.checkServerIdentity(options.url.host, leaf)?.message,
      answer: await hear(socket, options),
    };
  } finally {
    tcp.destroy();
  }
}

/** What it answers, for its clock and for a router's page; silence is no failure here. */
async function hear(
  socket: tls.TLSSocket,
  options: ConnectOptions,
): Promise<HttpAnswer | undefined> {
  const { limits, signal, url } = options;
  const progress = { received: 0, expected: undefined };
  try {
    return await within(getOver(socket, { ...options, progress }), {
      milliseconds: limits.explanationMs,
      signal,
      late: () => new SpirefedError("preflight", `${url.shown}: silent`, { code: "net/timeout" }),
      stop: () => socket.destroy(),
    });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SpirefedError) return undefined;
    throw error;
  }
}

function judgeSighting(
  { chain, nameComplaint, answer }: Sighting,
  { profile, now, failure }: DiagnosisRequest,
): EndpointDiagnosis {
  const found = profile.type === "https_spiffe"
    ? judgeChain(chain, { profile, now })
    : judgeWeb(chain, { nameComplaint, now });
  if (found === undefined) return refusedByLibrary(failure);
  if (found.problem === "expired" || found.problem === "not_yet_valid") {
    return withBothClocks(found, { answer, now });
  }
  const page = found.problem === "no_uri_san" && answer ? bodyPhrase(answer) : "";
  if (answer === undefined || page === "") return found;
  return { ...found, detail: `${found.detail} (HTTP ${answer.status}${page})` };
}

function judgeWeb(
  [leaf]: readonly Uint8Array[],
  { nameComplaint, now }: { readonly nameComplaint: string | undefined; readonly now: Date },
): EndpointDiagnosis {
  const certificate = leaf && readCertificate(leaf).certificate;
  const late = certificate && judgeTime(certificate, now);
  if (late) return late;
  const [uri] = certificate?.uris ?? [];
  if (uri?.startsWith("spiffe://")) {
    return {
      problem: "host_mismatch",
      detail: `it shows the SVID ${printable(uri, 300)}: it is an https_spiffe endpoint`,
      remedy: "Declare it with the profile https_spiffe and this ID, if that is the peer",
    };
  }
  return nameComplaint === undefined
    ? {
      problem: "untrusted",
      detail: "no CA that this machine trusts has signed its certificate",
      remedy: "Have it serve a chain up to a public CA, or add its CA to this machine's",
    }
    : {
      problem: "host_mismatch",
      detail: `its certificate is for another host: ${printable(nameComplaint, 300)}`,
      remedy: "Check the host in the URL",
    };
}

/** Nothing was found wrong, yet the library refuses: it decides. */
function refusedByLibrary(failure: unknown): EndpointDiagnosis {
  const why = failure instanceof Error ? printable(failure.message, 200) : "no reason given";
  return {
    problem: "untrusted",
    detail: `the TLS library refuses its certificates: ${why}`,
    remedy: "Look at them: openssl s_client -showcerts -connect HOST:443 -servername HOST",
  };
}

function withBothClocks(
  found: EndpointDiagnosis,
  { answer, now }: { readonly answer: HttpAnswer | undefined; readonly now: Date },
): EndpointDiagnosis {
  const there = new Date(answer?.headers.date ?? "");
  const renewal = "Look at the log of the SPIRE server: it renews its SVID every half hour";
  if (Number.isNaN(there.getTime())) {
    return { ...found, remedy: `Check the clock here; if it is right: ${renewal}` };
  }
  const detail = `${found.detail}, the endpoint's says ${iso(there)}`;
  const differ = Math.abs(there.getTime() - now.getTime()) > CLOCK_TOLERANCE_MS;
  return {
    ...found,
    detail,
    remedy: differ ? "The clocks differ: set the wrong one right (NTP)" : renewal,
  };
}
