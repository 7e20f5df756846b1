/**
 * What SPIRE says of a refresh that failed, in words that were seen, and what each means.
 *
 * @module
 */
import { printable } from "../output/printable.ts";

/** What a failed refresh comes from. */
export type RefreshFailure =
  | "never-seeded"
  | "untrusted"
  | "wrong-id"
  | "no-uri-san"
  | "not-valid-yet-or-any-more"
  | "dns"
  | "timeout"
  | "refused"
  | "reset"
  | "proxy"
  | "status"
  | "unknown-use"
  | "not-a-bundle"
  | "no-relationship"
  | "other";

/** The first that matches counts: a proxy's refusal also speaks of a connection. */
const SIGNATURES: readonly (readonly [RegExp, RefreshFailure])[] = [
  [/no federation relationship|relationship (does )?not (exist|found)/i, "no-relationship"],
  [/local copy of bundle not found/i, "never-seeded"],
  [/unexpected ID/i, "wrong-id"],
  [/no URI SAN|could not get leaf SPIFFE ID/i, "no-uri-san"],
  [/expired or is not yet valid/i, "not-valid-yet-or-any-more"],
  [/unknown authority|could not verify leaf/i, "untrusted"],
  [/proxyconnect|Proxy Authentication Required|CONNECT/, "proxy"],
  [/no such host|server misbehaving/i, "dns"],
  [/i\/o timeout|deadline exceeded|TLS handshake timeout|Client\.Timeout/i, "timeout"],
  [/connection refused/i, "refused"],
  [/unrecognized use/i, "unknown-use"],
  [/unexpected status/i, "status"],
  [/failed to decode bundle|unable to parse JWKS/i, "not-a-bundle"],
  [/connection reset|\bEOF\b|network is unreachable|no route to host/i, "reset"],
];

/** What SPIRE's words mean. */
export function meaningOf(words: string): RefreshFailure {
  return SIGNATURES.find(([pattern]) => pattern.test(words))?.[1] ?? "other";
}

const PREFIXES =
  /^(?:Error: |failed to refresh bundle: |rpc error: code = \w+ desc = |failed to fetch federated bundle from endpoint: |failed to fetch bundle: |can't perform SPIFFE Authentication: )+/;

/** SPIRE's words without what it says of itself in front; printable. */
export function inShort(words: string, limit = 240): string {
  return printable(words.replace(PREFIXES, ""), limit);
}
