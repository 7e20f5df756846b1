/**
 * The handshake with a bundle endpoint, and the judgement of who is at its other end.
 *
 * @module
 */
import type net from "node:net";
import type tls from "node:tls";
import { SpirefedError } from "../errors.ts";
import { equalBytes } from "../spiffe/certificate.ts";
import type { PinnedAddress } from "./address.ts";
import { chainOf, type ConnectOptions, handshake } from "./connection.ts";
import { diagnoseAt, refusal } from "./diagnose.ts";
import type { EndpointProfile, EndpointRequest } from "./endpoint.ts";
import { judgeChain, judgeLeaf, pemOf, type SvidProfile } from "./svid_authentication.ts";

/** All that decides who the other side is. */
export interface Authentication {
  readonly addresses: readonly PinnedAddress[];
  readonly request: EndpointRequest;
  readonly options: ConnectOptions;
  /** PEM of the roots that https_web believes. */
  readonly webRoots: () => readonly string[];
}

/** A connection to somebody who proved to be the endpoint. */
export interface Authenticated {
  readonly socket: tls.TLSSocket;
  readonly chain: readonly Uint8Array[];
}

/**
 * Finds out whether the other side is the endpoint. The profile declared decides; what
 * fails under it is not tried under the other (SPIFFE Federation, section 7.2).
 *
 * @throws {SpirefedError} with the diagnosis, when it is not.
 */
export async function authenticate(
  tcp: net.Socket,
  authentication: Authentication,
): Promise<Authenticated> {
  const { addresses, request, options, webRoots } = authentication;
  const { profile, now } = request;
  let socket: tls.TLSSocket;
  try {
    socket = profile.type === "https_spiffe"
      ? await svidHandshake(tcp, profile, options)
      : await handshake(tcp, { rejectUnauthorized: true, ca: webRoots() }, options);
  } catch (failure) {
    options.signal.throwIfAborted();
    if (failure instanceof SpirefedError) throw failure;
    const diagnosis = await diagnoseAt({ addresses, profile, now, failure }, options);
    throw refusal(options.url.shown, diagnosis);
  }
  const chain = chainOf(socket.getPeerCertificate(true));
  const complaint = profile.type === "https_spiffe"
    ? judgeChain(chain, { profile, now })
    : undefined;
  if (complaint !== undefined) throw refusal(options.url.shown, complaint);
  return { socket, chain: withoutAuthorities(chain, profile) };
}

/** The library checks signatures and the chain, and `judgeLeaf` what it leaves out. */
function svidHandshake(
  tcp: net.Socket,
  profile: SvidProfile,
  options: ConnectOptions,
): Promise<tls.TLSSocket> {
  if (profile.authorities.length === 0) {
    // An empty list could be taken for "the default roots".
    throw new SpirefedError("refused", `${options.url.shown}: no authority is known to verify it`, {
      code: "trust/no-authority",
      remedy: "Give the bundle of the endpoint's trust domain",
    });
  }
  return handshake(tcp, {
    rejectUnauthorized: true,
    ca: profile.authorities.map(pemOf),
    checkServerIdentity: (_host, { raw }) => {
      const complaint = judgeLeaf(new Uint8Array(raw), profile);
      return complaint && new Error(complaint.detail);
    },
  }, options);
}

/** The library adds the authority it ended in; what was sent is what proves. */
function withoutAuthorities(
  chain: readonly Uint8Array[],
  profile: EndpointProfile,
): readonly Uint8Array[] {
  if (profile.type === "https_web") return chain;
  return chain.filter((certificate) =>
    !profile.authorities.some((authority) => equalBytes(authority, certificate))
  );
}
