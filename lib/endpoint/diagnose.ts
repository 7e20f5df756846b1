/**
 * Why a handshake failed, in SPIFFE's terms. The TLS library's own codes mislead
 * (an expired SVID and an impostor have the same one), so the certificates are
 * asked for once more, unverified, and read. This is the only place that speaks TLS
 * without verification, and nothing that it hears decides anything, but for a
 * certificate that the user named by its SHA-256.
 *
 * @module
 */
import tls from "node:tls";
import { type FailureKind, SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import { readCertificate } from "../spiffe/certificate.ts";
import {
  type Lookup,
  parseEndpointUrl,
  type PinnedAddress,
  resolveEndpoint,
  systemLookup,
} from "./address.ts";
import { bodyPhrase } from "./answer.ts";
import { chainOf, type ConnectOptions, connectTcp, handshake } from "./connection.ts";
import type { EndpointDiagnosis, EndpointProfile, EndpointRequest } from "./endpoint.ts";
import { explainHandshake } from "./handshake_failure.ts";
import { getOver, type HttpAnswer } from "./http_get.ts";
import { type EndpointLimits, LIMITS } from "./limits.ts";
import { within } from "./patience.ts";
import { withNamedRoots } from "./named_roots.ts";
import { iso, judgeChain, judgeTime, type SvidProfile } from "./svid_authentication.ts";

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
  const early = explainHandshake(request.failure);
  if (early !== undefined && early.problem !== "wrong_key") return early;
  const sighting = await lookOrExplain(request.addresses, options);
  if ("problem" in sighting) return sighting;
  return judgeSighting(sighting, request) ?? refusedByLibrary(request);
}

/**
 * Looks at an endpoint without fetching from it. `undefined` means that nothing is wrong
 * to see, which proves nothing: only a fetch does.
 *
 * @throws {SpirefedError} as a fetch, when the endpoint cannot be reached.
 */
export async function diagnoseEndpoint(
  { url: text, profile, connectTo, now, signal }: EndpointRequest,
  { lookup = systemLookup, limits = LIMITS }: {
    readonly lookup?: Lookup;
    readonly limits?: EndpointLimits;
  } = {},
): Promise<EndpointDiagnosis | undefined> {
  const url = parseEndpointUrl(text);
  const addresses = await resolveEndpoint(url, { connectTo, lookup });
  const sighting = await lookOrExplain(addresses, { url, limits, signal });
  return "problem" in sighting ? sighting : judgeSighting(sighting, { profile, now });
}

/**
 * Fetches, unverified, what may hold the roots that a profile names.
 *
 * @throws {SpirefedError} `refused`, when they are not there; as a fetch, when the endpoint
 * cannot be reached.
 */
export async function lookForNamedRoots(
  addresses: readonly PinnedAddress[],
  { profile, now }: { readonly profile: SvidProfile; readonly now: Date },
  options: ConnectOptions,
): Promise<SvidProfile> {
  const { shown } = options.url;
  const sighting = await lookOrExplain(addresses, options);
  if ("problem" in sighting) throw refusal(shown, sighting);
  return withNamedRoots(profile, sighting.answer?.body, { shown, now });
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
    ["tls_failed", { kind: "preflight", code: "net/tls" }],
    ["reset", { kind: "preflight", code: "net/reset" }],
  ]);

async function lookOrExplain(
  addresses: readonly PinnedAddress[],
  options: ConnectOptions,
): Promise<Sighting | EndpointDiagnosis> {
  try {
    return await look(addresses, options);
  } catch (error) {
    options.signal.throwIfAborted();
    const explained = explainHandshake(error);
    if (error instanceof SpirefedError || explained === undefined) throw error;
    return explained;
  }
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
  { profile, now }: Pick<DiagnosisRequest, "profile" | "now">,
): EndpointDiagnosis | undefined {
  const found = profile.type === "https_spiffe"
    ? judgeChain(chain, { profile, now })
    : judgeWeb(chain, { nameComplaint, now });
  if (found === undefined) return undefined;
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
): EndpointDiagnosis | undefined {
  const certificate = leaf && readCertificate(leaf).certificate;
  const late = certificate && judgeTime(certificate, now);
  if (late) return late;
  if (nameComplaint === undefined) return undefined;
  const [uri] = certificate?.uris ?? [];
  if (uri?.startsWith("spiffe://")) {
    return {
      problem: "host_mismatch",
      detail: `it shows the SVID ${printable(uri, 300)}: it is an https_spiffe endpoint`,
      remedy: "Declare it with the profile https_spiffe and this ID, if that is the peer",
    };
  }
  return {
    problem: "host_mismatch",
    detail: `its certificate is for another host: ${printable(nameComplaint, 300)}`,
    remedy: "Check the host in the URL",
  };
}

/** Nothing was found wrong, yet the library refuses: it decides. */
function refusedByLibrary(
  { profile, failure }: Pick<DiagnosisRequest, "profile" | "failure">,
): EndpointDiagnosis {
  if (profile.type === "https_web") {
    return {
      problem: "untrusted",
      detail: "no CA that this machine trusts has signed its certificate",
      remedy: "Have it serve a chain up to a public CA, or add its CA to this machine's",
    };
  }
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
  if (Number.isNaN(there.getTime())) return found;
  const detail = `${found.detail}, the endpoint's says ${iso(there)}`;
  const differ = Math.abs(there.getTime() - now.getTime()) > CLOCK_TOLERANCE_MS;
  return {
    ...found,
    detail,
    remedy: differ ? "The clocks differ: set the wrong one right (NTP)" : found.remedy,
  };
}
