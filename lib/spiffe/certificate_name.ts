/**
 * Distinguished names as text (RFC 4514).
 *
 * @module
 */
import { DerError, DerReader, type Element, objectIdentifier, openDer, TAG } from "./der.ts";

const WHAT = "A name in the certificate";

const SHORT_NAMES = new Map([
  ["2.5.4.3", "CN"],
  ["2.5.4.5", "SERIALNUMBER"],
  ["2.5.4.6", "C"],
  ["2.5.4.7", "L"],
  ["2.5.4.8", "ST"],
  ["2.5.4.9", "STREET"],
  ["2.5.4.10", "O"],
  ["2.5.4.11", "OU"],
  ["0.9.2342.19200300.100.1.1", "UID"],
  ["0.9.2342.19200300.100.1.25", "DC"],
]);

/** One line, most specific part first, as in RFC 4514: `CN=ca,O=SPIRE,C=US`. */
export function nameText(der: Uint8Array): string {
  const parts: string[] = [];
  for (const set of sets(openDer(der, TAG.sequence, WHAT))) {
    const attributes = set.rest().map(({ tag, body }) => {
      if (tag !== TAG.sequence) throw new DerError(`${WHAT} has an unexpected element`);
      return attributeText(new DerReader(body, WHAT));
    });
    parts.unshift(attributes.join("+"));
  }
  return parts.join(",");
}

function* sets(name: DerReader): Generator<DerReader> {
  while (!name.done) yield name.open(TAG.set);
}

function attributeText(attribute: DerReader): string {
  const type = objectIdentifier(attribute.next(TAG.objectIdentifier), WHAT);
  const value = attribute.next();
  attribute.end();
  return `${SHORT_NAMES.get(type) ?? type}=${escapeValue(stringText(value))}`;
}

/** The value of a string; kinds of string that Go does not read are refused as there. */
function stringText({ tag, body }: Element): string {
  switch (tag) {
    case TAG.utf8String:
      return decode("utf-8", body);
    case TAG.printableString:
      return matching(/^[A-Za-z0-9'()+,\-./ :=?*&]*$/, body);
    case TAG.ia5String:
      return matching(/^[\0-\x7f]*$/, body);
    case TAG.numericString:
      return matching(/^[0-9 ]*$/, body);
    case TAG.t61String:
      return latin1(body);
    case TAG.bmpString:
      return basicPlane(decode("utf-16be", body));
    default:
      throw new DerError(`${WHAT} holds a kind of string that go-spiffe does not read`);
  }
}

function decode(encoding: "utf-8" | "utf-16be", body: Uint8Array): string {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new DerError(`${WHAT} is not the text that it says it is`);
  }
}

/** BMPString has no surrogate pairs, and Go refuses code points that are no characters. */
function basicPlane(text: string): string {
  if (/[\p{Noncharacter_Code_Point}\u{10000}-\u{10ffff}]/u.test(text)) {
    throw new DerError(`${WHAT} is not the text that it says it is`);
  }
  return text;
}

function matching(pattern: RegExp, body: Uint8Array): string {
  const text = latin1(body);
  if (!pattern.test(text)) throw new DerError(`${WHAT} is not the text that it says it is`);
  return text;
}

function latin1(body: Uint8Array): string {
  let text = "";
  for (const octet of body) text += String.fromCharCode(octet);
  return text;
}

function escapeValue(text: string): string {
  if (/^[A-Za-z0-9.][A-Za-z0-9. -]*$/.test(text) && !text.endsWith(" ")) return text;
  return text
    .replace(/["+,;<=>\\]/g, "\\$&")
    .replace(/^[ #]|(?<!^) $/g, "\\$&")
    .replaceAll("\0", "\\00");
}
