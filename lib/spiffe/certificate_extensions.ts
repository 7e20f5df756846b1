/**
 * The extensions of a certificate that decide what it may do (RFC 5280, 4.2).
 *
 * @module
 */
import {
  AUTHORITY_INFORMATION,
  AUTHORITY_KEY_ID,
  checkUnused,
  NAME_CONSTRAINTS,
} from "./unused_extensions.ts";
import {
  bitString,
  boolean,
  DerError,
  DerReader,
  type Element,
  objectIdentifier,
  openDer,
  positiveBytes,
  TAG,
} from "./der.ts";

/** What a key may be used for (RFC 5280, section 4.2.1.3). */
export interface KeyUsage {
  readonly isCritical: boolean;
  readonly digitalSignature: boolean;
  readonly keyCertSign: boolean;
  readonly cRLSign: boolean;
}

/** The extensions, read. What a certificate does not have is `undefined`. */
export interface Extensions {
  /** Texts of all URI subject alternative names, in their order. */
  readonly uris: readonly string[];
  readonly isCa: boolean;
  readonly pathLength: number | undefined;
  readonly keyUsage: KeyUsage | undefined;
  /** Object identifiers. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  /** Subject key identifier. */
  readonly subjectKeyId: Uint8Array | undefined;
  readonly hasNameConstraints: boolean;
  /** Object identifiers of critical extensions that this reader does not understand. */
  readonly unknownCritical: readonly string[];
}

interface Extension {
  readonly id: string;
  readonly isCritical: boolean;
  readonly value: Uint8Array;
}

const WHAT = "An extension of the certificate";

const KEY_USAGE = "2.5.29.15";
const SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";
const BASIC_CONSTRAINTS = "2.5.29.19";
const EXTENDED_KEY_USAGE = "2.5.29.37";
const SUBJECT_KEY_ID = "2.5.29.14";

const UNDERSTOOD: ReadonlySet<string> = new Set([
  KEY_USAGE,
  SUBJECT_ALTERNATIVE_NAME,
  BASIC_CONSTRAINTS,
  NAME_CONSTRAINTS,
  EXTENDED_KEY_USAGE,
]);

/** Never critical (RFC 5280); Go refuses the certificate otherwise. */
const NEVER_CRITICAL: ReadonlySet<string> = new Set([
  SUBJECT_KEY_ID,
  AUTHORITY_KEY_ID,
  AUTHORITY_INFORMATION,
]);

/** Reads the contents of a certificate's extensions, `undefined` when it has none. */
export function readExtensions(list: DerReader | undefined): Extensions {
  const found = list === undefined ? new Map<string, Extension>() : collect(list);
  const value = (id: string): Uint8Array | undefined => found.get(id)?.value;
  const names = value(SUBJECT_ALTERNATIVE_NAME);
  const constraints = value(BASIC_CONSTRAINTS);
  const usage = found.get(KEY_USAGE);
  const purposes = value(EXTENDED_KEY_USAGE);
  const keyId = value(SUBJECT_KEY_ID);
  for (const [id, { value }] of found) checkUnused(id, value);
  return {
    uris: names === undefined ? [] : uriNames(names),
    ...(constraints === undefined
      ? { isCa: false, pathLength: undefined }
      : basicConstraints(constraints)),
    keyUsage: usage && keyUsage(usage),
    extendedKeyUsage: purposes && objectIdentifiers(purposes),
    subjectKeyId: keyId && octets(keyId),
    hasNameConstraints: found.has(NAME_CONSTRAINTS),
    unknownCritical: [...found.values()]
      .filter(({ id, isCritical }) => isCritical && !UNDERSTOOD.has(id))
      .map(({ id }) => id),
  };
}

function collect(list: DerReader): Map<string, Extension> {
  const found = new Map<string, Extension>();
  while (!list.done) {
    const reader = list.open(TAG.sequence);
    const id = objectIdentifier(reader.next(TAG.objectIdentifier), WHAT);
    const critical = reader.optional(TAG.boolean);
    const isCritical = critical !== undefined && boolean(critical, WHAT);
    const value = reader.next(TAG.octetString).body;
    reader.end();
    if (found.has(id)) throw new DerError(`The certificate has the extension ${id} twice`);
    if (isCritical && NEVER_CRITICAL.has(id)) {
      throw new DerError(`The certificate's extension ${id} must not be critical`);
    }
    found.set(id, { id, isCritical, value });
  }
  return found;
}

/** General names are told apart by their tag; [6] is a URI. */
function uriNames(value: Uint8Array): readonly string[] {
  const names = openDer(value, TAG.sequence, "The subject alternative name").rest();
  for (const { tag, body } of names) {
    const isText = tag === 0x81 || tag === 0x82 || tag === 0x86;
    if (isText && body.some((octet) => octet > 0x7f)) {
      throw new DerError("A subject alternative name of the certificate is not ASCII");
    }
    if (tag === 0x87 && body.length !== 4 && body.length !== 16) {
      throw new DerError("An IP address in the certificate is neither 4 nor 16 octets");
    }
  }
  return names.filter(({ tag }) => tag === 0x86)
    .map(({ body }) => Array.from(body, (octet) => String.fromCharCode(octet)).join(""));
}

function basicConstraints(
  value: Uint8Array,
): { readonly isCa: boolean; readonly pathLength: number | undefined } {
  const what = "The certificate's basic constraints";
  const reader = openDer(value, TAG.sequence, what);
  const flag = reader.optional(TAG.boolean);
  const limit = reader.optional(TAG.integer);
  reader.end();
  return {
    isCa: flag !== undefined && boolean(flag, what),
    pathLength: limit && smallNumber(limit, what),
  };
}

function smallNumber(element: Element, what: string): number {
  const bytes = positiveBytes(element, what);
  if (bytes.length > 4) throw new DerError(`${what} are out of range`);
  return bytes.reduce((sum, octet) => sum * 256 + octet, 0);
}

function keyUsage({ isCritical, value }: Extension): KeyUsage {
  const what = "The certificate's key usage";
  const reader = new DerReader(value, what);
  const { bytes: [first = 0] } = bitString(reader.next(TAG.bitString), what);
  reader.end();
  return {
    isCritical,
    digitalSignature: (first & 0x80) !== 0,
    keyCertSign: (first & 0x04) !== 0,
    cRLSign: (first & 0x02) !== 0,
  };
}

function objectIdentifiers(value: Uint8Array): readonly string[] {
  const what = "The certificate's extended key usage";
  return openDer(value, TAG.sequence, what).rest().map((element) => {
    if (element.tag !== TAG.objectIdentifier) {
      throw new DerError(`${what} has an unexpected element`);
    }
    return objectIdentifier(element, what);
  });
}

function octets(value: Uint8Array): Uint8Array {
  const reader = new DerReader(value, "The certificate's subject key identifier");
  const { body } = reader.next(TAG.octetString);
  reader.end();
  return body;
}
