/**
 * Whether the peer is who it must be.
 *
 * @module
 */
import type { Stage } from "../lib/mtls/records.ts";
import { certificateFacts, parseSpiffeId, trustDomainOf, verifySvid } from "../lib/spiffe/mod.ts";
import type { SpiffeId } from "../lib/spiffe/model.ts";
import type { Keyring } from "./keyring.ts";

/** A peer that is turned away, where, and why. */
export class TurnedAway extends Error {
  override readonly name = "TurnedAway";
  readonly stage: Stage;
  readonly code: string;

  constructor(stage: Stage, code: string, message: string) {
    super(message);
    this.stage = stage;
    this.code = code;
  }
}

/** A certificate as node:tls tells of it. */
export interface ShownCertificate {
  readonly raw?: Uint8Array | undefined;
  readonly issuerCertificate?: ShownCertificate | undefined;
}

/** Certificates from the peer's up to where the chain ends. */
export function chainOf(shown: ShownCertificate | null | undefined): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  for (let at = shown; at?.raw !== undefined; at = at.issuerCertificate) {
    chain.push(new Uint8Array(at.raw));
    if (at.issuerCertificate === at || chain.length > 10) break;
  }
  return chain;
}

/**
 * Judges by the authorities of the trust domain in the peer's own SPIFFE ID, and lets
 * one exact ID through.
 *
 * @throws {TurnedAway} saying why not.
 */
export function judge(
  chain: readonly Uint8Array[],
  { bundles }: Keyring,
  expected: SpiffeId,
): SpiffeId {
  const [leaf] = chain;
  if (leaf === undefined) {
    throw new TurnedAway("identity", "certificate/absent", "there is no certificate");
  }
  const id = idOf(leaf);
  const trustDomain = trustDomainOf(id);
  const bundle = bundles.get(trustDomain);
  if (bundle === undefined) {
    throw new TurnedAway("identity", "bundle/missing", `no bundle of ${trustDomain} is held`);
  }
  const expectations = { bundle, trustDomain, expectedId: expected, now: new Date() };
  const { problems } = verifySvid(chain, expectations);
  const errors = problems.filter(({ severity }) => severity === "error");
  // That it is another is the news, whatever else there is to say of it.
  const error = errors.find(({ code }) => code === "svid/other-id") ?? errors[0];
  if (error !== undefined) throw new TurnedAway("identity", error.code, error.message);
  return id;
}

/** What a certificate says, for diagnosis; it proves nothing. */
export function sayingsOf(leaf: Uint8Array): { uris: readonly string[]; issuer: string } {
  try {
    const { uris, issuer } = certificateFacts(leaf);
    return { uris: uris.slice(0, 5), issuer };
  } catch {
    return { uris: [], issuer: "unreadable" };
  }
}

function idOf(leaf: Uint8Array): SpiffeId {
  const { uris } = sayingsOf(leaf);
  try {
    return parseSpiffeId(uris.length === 1 ? uris[0] ?? "" : "");
  } catch {
    throw new TurnedAway("identity", "svid/id", "the certificate carries no SPIFFE ID");
  }
}
