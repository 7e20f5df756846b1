/**
 * Extensions that decide nothing here, but for which Go refuses a certificate,
 * and with it the bundle, when they are malformed. The shapes are those of RFC
 * 5280, section 4.2; where Go's rules are intricate these are narrower.
 *
 * @module
 */
import { DerError, DerReader, objectIdentifier, openDer, positiveBytes, TAG } from "./der.ts";

/** Object identifier of the name constraints. */
export const NAME_CONSTRAINTS = "2.5.29.30";
/** Object identifier of the authority key identifier. */
export const AUTHORITY_KEY_ID = "2.5.29.35";
/** Object identifier of the authority information access. */
export const AUTHORITY_INFORMATION = "1.3.6.1.5.5.7.1.1";

const WHAT = "An extension of the certificate";

const CHECKS: ReadonlyMap<string, (value: Uint8Array) => void> = new Map([
  [NAME_CONSTRAINTS, checkNameConstraints],
  ["2.5.29.31", checkDistributionPoints],
  ["2.5.29.32", checkPolicies],
  ["2.5.29.33", checkPolicyMappings],
  [AUTHORITY_KEY_ID, (value) => void openDer(value, TAG.sequence, WHAT).rest()],
  ["2.5.29.36", checkPolicyConstraints],
  ["2.5.29.54", checkInhibitedPolicy],
  [AUTHORITY_INFORMATION, checkInformation],
]);

/** Insists that an extension, if it is one of these, has its shape. */
export function checkUnused(id: string, value: Uint8Array): void {
  CHECKS.get(id)?.(value);
}

function checkNameConstraints(value: Uint8Array): void {
  const reader = openDer(value, TAG.sequence, WHAT);
  const trees = [reader.optional(0xa0), reader.optional(0xa1)].flatMap((list) =>
    list === undefined ? [] : new DerReader(list.body, WHAT).rest()
  );
  reader.end();
  if (trees.length === 0) throw new DerError("The certificate's name constraints are empty");
  for (const { tag, body } of trees) {
    if (tag !== TAG.sequence) throw new DerError(`${WHAT} has an unexpected element`);
    checkConstraint(new DerReader(body, WHAT));
  }
}

/** A mail address, a host or a URI's host must be a plain name; an address has a mask. */
function checkConstraint(tree: DerReader): void {
  const { tag, body } = tree.next();
  if (tag === 0x81 || tag === 0x82 || tag === 0x86) {
    const name = String.fromCharCode(...body.subarray(0, 256));
    const isName = body.length < 256 && /^\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(name);
    if (!isName || /^[0-9.]+$/.test(name)) {
      throw new DerError("A name constraint of the certificate is not a plain host name");
    }
  }
  if (tag !== 0x87) return;
  const bits = Array.from(
    body.subarray(body.length / 2),
    (octet) => octet.toString(2).padStart(8, "0"),
  ).join("");
  if (body.length !== 8 && body.length !== 32 || !/^1*0*$/.test(bits)) {
    throw new DerError("A name constraint of the certificate is not an address with a mask");
  }
}

function checkDistributionPoints(value: Uint8Array): void {
  for (const point of sequences(value)) {
    const name = point.optional(0xa0);
    // Go reads no other form than a full name.
    if (name !== undefined) new DerReader(name.body, WHAT).open(0xa0).rest();
    point.rest();
  }
}

function checkPolicies(value: Uint8Array): void {
  const seen = new Set<string>();
  for (const policy of sequences(value)) {
    const id = objectIdentifier(policy.next(TAG.objectIdentifier), WHAT);
    if (seen.has(id)) throw new DerError("The certificate names a policy twice");
    seen.add(id);
    policy.rest();
  }
}

function checkPolicyMappings(value: Uint8Array): void {
  for (const mapping of sequences(value)) {
    mapping.next(TAG.objectIdentifier);
    mapping.next(TAG.objectIdentifier);
    mapping.end();
  }
}

function checkPolicyConstraints(value: Uint8Array): void {
  const reader = openDer(value, TAG.sequence, WHAT);
  for (const limit of [reader.optional(0x80), reader.optional(0x81)]) {
    if (limit !== undefined && positiveBytes(limit, WHAT).length > 4) {
      throw new DerError(`${WHAT} is out of range`);
    }
  }
  reader.end();
}

function checkInhibitedPolicy(value: Uint8Array): void {
  const reader = new DerReader(value, WHAT);
  if (positiveBytes(reader.next(TAG.integer), WHAT).length > 4) {
    throw new DerError(`${WHAT} is out of range`);
  }
  reader.end();
}

function checkInformation(value: Uint8Array): void {
  for (const description of sequences(value)) {
    objectIdentifier(description.next(TAG.objectIdentifier), WHAT);
    description.next();
    description.end();
  }
}

function sequences(value: Uint8Array): readonly DerReader[] {
  return openDer(value, TAG.sequence, WHAT).rest().map(({ tag, body }) => {
    if (tag !== TAG.sequence) throw new DerError(`${WHAT} has an unexpected element`);
    return new DerReader(body, WHAT);
  });
}
