/**
 * Keys of a SPIFFE bundle (RFC 7517, RFC 7518).
 *
 * go-spiffe refuses a whole bundle for one key that its JOSE library cannot
 * read, so every key is held to that library's rules, also one whose use is
 * unknown and which is then ignored. Beyond them, symmetric keys, private
 * members and keys that could never verify anything are refused.
 *
 * @module
 */
import { decodeAsGo, encodeBase64Url } from "./base64.ts";
import { type CertificateFacts, readCertificate } from "./certificate.ts";
import { CURVES, isOnCurve } from "./curve.ts";
import { foldName, type JsonValue, pointerToken } from "./json_text.ts";
import { checkLinks } from "./jwk_links.ts";
import type { Problems } from "./problems.ts";
import { isRsaExponent, type PublicJwk } from "./public_key.ts";
import { quote } from "./quote.ts";

/** A key that was read. */
export interface Jwk {
  readonly use: string | undefined;
  readonly kid: string | undefined;
  /** Its public members, canonical. */
  readonly key: PublicJwk;
  /** The certificates in its `x5c`. */
  readonly certificates: readonly CertificateFacts[];
}

type Members = ReadonlyMap<string, JsonValue>;

/** Where a key lies, and where to say what is wrong with it. */
interface Place {
  readonly path: string;
  readonly problems: Problems;
}

const TEXTS = ["use", "kty", "kid", "crv", "alg", "x5u", "x5t", "x5t#S256", "n", "e", "x", "y"];
/** go-spiffe decodes all of these before it looks which of them the type of key has. */
const OCTETS = ["n", "e", "x", "y"];
const PRIVATE = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
const KNOWN = new Map([...TEXTS, ...PRIVATE, "x5c"].map((name) => [foldName(name), name]));

/** Reads one key; answers nothing when it is refused, and why in `problems`. */
export function readJwk(value: JsonValue, place: Place): Jwk | undefined {
  const { path, problems } = place;
  if (value.kind !== "object") {
    problems.error("bundle/key", "A key must be an object", path);
    return undefined;
  }
  const before = problems.errors;
  checkNames(value.members, place);
  checkPrivate(value.members, place);
  for (const name of TEXTS) checkText(value.members, { ...place, name });
  for (const name of OCTETS) checkOctets(value.members, { ...place, name });
  if (problems.errors > before) return undefined;
  const key = readMaterial(value.members, place);
  const certificates = readCertificates(value.members.get("x5c"), place);
  if (key === undefined || certificates === undefined) return undefined;
  checkSameKey(key, certificates[0], place);
  checkLinks(value.members, { ...place, certificate: certificates[0] });
  if (problems.errors > before) return undefined;
  return { use: text(value.members, "use"), kid: text(value.members, "kid"), key, certificates };
}

/** Reports members that Go takes for `names` because it does not look at case. */
export function checkCase(
  members: Members,
  names: ReadonlyMap<string, string>,
  { path, problems }: Place,
): void {
  for (const name of members.keys()) {
    const known = names.get(foldName(name));
    if (known === undefined || known === name) continue;
    const message = `The member ${quote(name)} would be taken for ${quote(known)} by go-spiffe`;
    problems.error("json/case-variant", message, path + pointerToken(name));
  }
}

function checkNames(members: Members, place: Place): void {
  checkCase(members, KNOWN, place);
}

/** Values are not shown: they may be secrets. */
function checkPrivate(members: Members, { path, problems }: Place): void {
  for (const name of PRIVATE.filter((name) => members.has(name))) {
    const message = `The key has the private member "${name}", which no bundle may hold`;
    problems.error("bundle/private-member", message, path + pointerToken(name));
  }
}

function checkText(members: Members, { path, problems, name }: Place & { name: string }): void {
  const kind = members.get(name)?.kind;
  if (kind === undefined || kind === "string" || kind === "null") return;
  problems.error("bundle/key", `The member "${name}" must be a string`, path + pointerToken(name));
}

function checkOctets(members: Members, { path, problems, name }: Place & { name: string }): void {
  const value = text(members, name);
  if (value === undefined) return;
  const octets = decodeAsGo(value, "base64url");
  if (octets === undefined) {
    const message = `The member "${name}" is not base64url without padding`;
    problems.error("bundle/key", message, `${path}/${name}`);
  } else if (encodeBase64Url(octets) !== value) {
    warnAboutBase64(problems, `${path}/${name}`);
  }
}

/** No harm can come of it: the value is printed anew, and no reader finds another one in it. */
function warnAboutBase64(problems: Problems, path: string): void {
  const message = "The base64 has line breaks or stray bits, which not every reader takes";
  problems.warn("bundle/base64", message, path);
}

/** A text member; go-spiffe takes null for absent. */
function text(members: Members, name: string): string | undefined {
  const value = members.get(name);
  return value?.kind === "string" ? value.value : undefined;
}

function readMaterial(members: Members, place: Place): PublicJwk | undefined {
  const type = text(members, "kty");
  switch (type) {
    case "RSA":
      return readRsa(members, place);
    case "EC":
      return readElliptic(members, place);
    case "OKP":
      return readEdwards(members, place);
    case "oct": {
      const message = "The key is symmetric, which no bundle may hold";
      place.problems.error("bundle/symmetric-key", message, `${place.path}/kty`);
      return undefined;
    }
  }
  const message = type === undefined || type === ""
    ? "The key has no type (kty)"
    : `The key type ${quote(type)} is unknown to go-spiffe, which refuses the whole bundle for it`;
  place.problems.error("bundle/unknown-key-type", message, place.path);
  return undefined;
}

function readRsa(members: Members, place: Place): PublicJwk | undefined {
  const modulus = readOctets(members, "n", place);
  const exponent = readOctets(members, "e", place);
  if (modulus === undefined || exponent === undefined) return undefined;
  const n = withoutZeros(modulus);
  const e = withoutZeros(exponent);
  if (n.length > 0 && isRsaExponent(e)) {
    return { kty: "RSA", n: encodeBase64Url(n), e: encodeBase64Url(e) };
  }
  const [name, what] = n.length === 0 ? ["n", "an empty modulus"] : ["e", "an unusable exponent"];
  place.problems.error("bundle/key", `The RSA key has ${what}`, `${place.path}/${name}`);
  return undefined;
}

function readElliptic(members: Members, place: Place): PublicJwk | undefined {
  const { path, problems } = place;
  const name = text(members, "crv");
  const curve = CURVES.get(name ?? "");
  if (curve === undefined) {
    const message = `The curve ${quote(name ?? "")} is unknown to go-spiffe`;
    problems.error("bundle/unknown-curve", message, path);
    return undefined;
  }
  const x = readOctets(members, "x", place);
  const y = readOctets(members, "y", place);
  if (x === undefined || y === undefined) return undefined;
  if (x.length === curve.size && y.length === curve.size && isOnCurve(curve, { x, y })) {
    return { kty: "EC", crv: curve.name, x: encodeBase64Url(x), y: encodeBase64Url(y) };
  }
  problems.error("bundle/key", `The key is not a point on ${curve.name}`, path);
  return undefined;
}

function readEdwards(members: Members, place: Place): PublicJwk | undefined {
  const { path, problems } = place;
  const name = text(members, "crv");
  if (name !== "Ed25519") {
    const message = `The curve ${quote(name ?? "")} is unknown to go-spiffe`;
    problems.error("bundle/unknown-curve", message, path);
    return undefined;
  }
  const x = readOctets(members, "x", place);
  if (x === undefined) return undefined;
  if (x.length === 32) return { kty: "OKP", crv: name, x: encodeBase64Url(x) };
  problems.error("bundle/key", "An Ed25519 key must have 32 octets", `${path}/x`);
  return undefined;
}

function readOctets(
  members: Members,
  name: string,
  { path, problems }: Place,
): Uint8Array | undefined {
  const value = text(members, name);
  const octets = value === undefined ? undefined : decodeAsGo(value, "base64url");
  if (octets === undefined) problems.error("bundle/key", `The key has no member "${name}"`, path);
  return octets;
}

function withoutZeros(octets: Uint8Array): Uint8Array {
  const first = octets.findIndex((octet) => octet !== 0);
  return first < 0 ? new Uint8Array() : octets.subarray(first);
}

function readCertificates(
  value: JsonValue | undefined,
  { path, problems }: Place,
): readonly CertificateFacts[] | undefined {
  if (value === undefined || value.kind === "null") return [];
  if (value.kind !== "array") {
    problems.error("bundle/certificate", '"x5c" must be an array', `${path}/x5c`);
    return undefined;
  }
  const certificates: CertificateFacts[] = [];
  for (const [at, item] of value.items.entries()) {
    const place = `${path}/x5c/${at}`;
    const der = item.kind === "string" ? decodeAsGo(item.value, "base64") : undefined;
    const reading = der && readCertificate(der);
    if (reading?.certificate === undefined) {
      const message = reading?.complaint ?? "The certificate is not padded base64";
      problems.error("bundle/certificate", message, place);
      return undefined;
    }
    if (item.kind === "string" && der?.toBase64() !== item.value) warnAboutBase64(problems, place);
    certificates.push(reading.certificate);
  }
  return certificates;
}

/** RFC 7517, section 4.7: the first certificate is about the key itself. */
function checkSameKey(
  key: PublicJwk,
  certificate: CertificateFacts | undefined,
  { path, problems }: Place,
): void {
  if (certificate === undefined) return;
  const same = Object.entries(certificate.jwk).every(([name, value]) => key[name] === value);
  if (same) return;
  problems.error("bundle/key-mismatch", "The key is not the one in its certificate", path);
}
