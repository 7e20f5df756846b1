/**
 * Reading SPIFFE bundles.
 *
 * @module
 */
import { type AuthorityPlace, jwtAuthority, x509Authority } from "./authorities.ts";
import { readRefreshHint, readSequence } from "./bundle_numbers.ts";
import { judgeBundle, sortedBundle } from "./judge_bundle.ts";
import { foldName, type JsonValue, readJson } from "./json_text.ts";
import { checkCase, type Jwk, readJwk } from "./jwk.ts";
import type { JwtAuthority, ParsedBundle, TrustDomain, X509Authority } from "./model.ts";
import { Problems } from "./problems.ts";
import { quote } from "./quote.ts";

/** Whose bundle it is meant to be, and the time to judge it at. */
export interface BundleReading {
  readonly trustDomain: TrustDomain;
  readonly now: Date;
}

/** The largest document that is read, in bytes. */
export const MAX_BUNDLE_BYTES = 2 ** 20;

/** The most keys that are read; a person would look at fewer. */
export const MAX_KEYS = 1000;

const MANY_KEYS = 50;
const MEMBERS = new Map(
  ["keys", "spiffe_sequence", "spiffe_refresh_hint"].map((name) => [foldName(name), name]),
);

/**
 * Reads a SPIFFE bundle (Trust Domain and Bundle, section 4) and judges whether
 * the two readers in the field would take it.
 *
 * Any bytes get an answer, in time linear in their number. What go-spiffe
 * refuses is refused; so is what two readers could understand differently, and
 * key material that no bundle should hold. A refused document has no `bundle`.
 * An empty list of keys does have one: it says that all authorities were
 * revoked, and it never installs.
 *
 * Authorities come in canonical order, X.509 ones oldest first, and each once.
 *
 * @example Nothing but a JSON error in place of a bundle
 * ```ts
 * import { parseBundle } from "./parse_bundle.ts";
 * import { parseTrustDomain } from "./trust_domain.ts";
 * import assert from "node:assert/strict";
 *
 * const { bundle, verdict, problems } = parseBundle(
 *   new TextEncoder().encode('{"error": "not found"}'),
 *   { trustDomain: parseTrustDomain("east.example"), now: new Date() },
 * );
 * assert.equal(bundle, undefined);
 * assert.deepEqual(verdict, { installs: false, refreshes: false });
 * assert.equal(problems[0]?.code, "bundle/no-keys");
 * ```
 */
export function parseBundle(bytes: Uint8Array, reading: BundleReading): ParsedBundle {
  const problems = new Problems();
  const keys = readDocument(bytes, problems);
  if (keys === undefined) return refused(problems);
  const { items, sequence, refreshHint } = keys;
  const found = readAuthorities(items, { ...reading, problems });
  if (problems.hasError) return refused(problems);
  const { trustDomain } = reading;
  const bundle = sortedBundle({ trustDomain, sequence, refreshHint, ...found });
  return judgeBundle(bundle, { now: reading.now, refreshes: !found.hasUnknownUse, problems });
}

function refused(problems: Problems): ParsedBundle {
  return {
    bundle: undefined,
    verdict: { installs: false, refreshes: false },
    problems: problems.found,
  };
}

interface Document {
  readonly items: readonly JsonValue[];
  readonly sequence: bigint | undefined;
  readonly refreshHint: number | undefined;
}

function readDocument(bytes: Uint8Array, problems: Problems): Document | undefined {
  if (bytes.length > MAX_BUNDLE_BYTES) {
    const message = `The document has ${bytes.length} bytes, more than ${MAX_BUNDLE_BYTES}`;
    problems.error("bundle/too-large", message, "");
    return undefined;
  }
  const { value, fault } = readJson(bytes);
  if (fault !== undefined) {
    problems.error(fault.code, fault.message, fault.path);
    return undefined;
  }
  if (value.kind !== "object") {
    problems.error("bundle/no-keys", "The document is not an object with keys", "");
    return undefined;
  }
  checkCase(value.members, MEMBERS, { path: "", problems });
  const sequence = readSequence(value.members, problems);
  const refreshHint = readRefreshHint(value.members, problems);
  const items = readItems(value.members.get("keys"), problems);
  return items && { items, sequence, refreshHint };
}

function readItems(
  keys: JsonValue | undefined,
  problems: Problems,
): readonly JsonValue[] | undefined {
  if (keys?.kind !== "array") {
    const message = keys === undefined
      ? 'The document has no "keys": it is no SPIFFE bundle'
      : '"keys" must be an array';
    problems.error("bundle/no-keys", message, keys === undefined ? "" : "/keys");
    return undefined;
  }
  const count = keys.items.length;
  if (count > MAX_KEYS) {
    problems.error("bundle/too-many-keys", `${count} keys, more than ${MAX_KEYS}`, "/keys");
    return undefined;
  }
  if (count > MANY_KEYS) {
    const message = `${count} keys; every agent of the other side will carry them all`;
    problems.warn("bundle/many-keys", message, "/keys");
  }
  return keys.items;
}

interface Authorities {
  readonly x509Authorities: readonly X509Authority[];
  readonly jwtAuthorities: readonly JwtAuthority[];
  readonly hasUnknownUse: boolean;
}

function readAuthorities(
  items: readonly JsonValue[],
  context: Omit<AuthorityPlace, "path">,
): Authorities {
  const x509 = new Map<string, X509Authority>();
  const jwt = new Map<string, JwtAuthority>();
  let hasUnknownUse = false;
  for (const [at, item] of items.entries()) {
    const place = { ...context, path: `/keys/${at}` };
    const key = readJwk(item, place);
    if (key === undefined) continue;
    if (key.use === "x509-svid") addX509(x509, x509Authority(key, place), place);
    else if (key.use === "jwt-svid") addJwt(jwt, jwtAuthority(key, place), place);
    else {
      hasUnknownUse = true;
      warnAboutUse(key, place);
    }
  }
  return {
    x509Authorities: [...x509.values()],
    jwtAuthorities: [...jwt.values()],
    hasUnknownUse,
  };
}

function addX509(
  found: Map<string, X509Authority>,
  authority: X509Authority | undefined,
  { path, problems }: AuthorityPlace,
): void {
  if (authority === undefined) return;
  if (found.has(authority.sha256)) {
    problems.warn("bundle/duplicate", "The certificate is listed more than once", path);
  }
  found.set(authority.sha256, authority);
}

function addJwt(
  found: Map<string, JwtAuthority>,
  authority: JwtAuthority | undefined,
  { path, problems }: AuthorityPlace,
): void {
  if (authority === undefined) return;
  const known = found.get(authority.kid);
  if (known === undefined) {
    found.set(authority.kid, authority);
  } else if (JSON.stringify(known.jwk) === JSON.stringify(authority.jwk)) {
    problems.warn("bundle/duplicate", "The key is listed more than once", path);
  } else {
    const message = `Two different keys have the key ID ${quote(authority.kid)}`;
    problems.error("bundle/duplicate", message, `${path}/kid`);
  }
}

function warnAboutUse({ use }: Jwk, { path, problems }: AuthorityPlace): void {
  const what = use === undefined || use === "" ? "no use" : `the unknown use ${quote(use)}`;
  const message = `The key has ${what}: it is ignored, and SPIRE refuses the bundle when polling`;
  problems.warn("bundle/unknown-use", message, path);
}
