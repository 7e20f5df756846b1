/**
 * DER put together by hand, for tests of what reads it.
 *
 * @module
 */
import { TAG } from "./der.ts";

/** Octets, a text's characters, or an element that is made already. */
export type DerPart = Uint8Array | readonly number[] | string;

/** One element around others. */
export function der(tag: number, ...parts: readonly DerPart[]): Uint8Array {
  const body = parts.flatMap((part) =>
    typeof part === "string" ? Array.from(part, (character) => character.charCodeAt(0)) : [...part]
  );
  const length = body.length < 0x80
    ? [body.length]
    : body.length < 0x100
    ? [0x81, body.length]
    : [0x82, body.length >> 8, body.length & 0xff];
  return new Uint8Array([tag, ...length, ...body]);
}

/** Around others, in their order. */
export function sequence(...parts: readonly DerPart[]): Uint8Array {
  return der(TAG.sequence, ...parts);
}

/** An OBJECT IDENTIFIER below 2.5.29, where extensions of certificates are. */
export function extensionId(last: number): Uint8Array {
  return der(TAG.objectIdentifier, [0x55, 0x1d, last]);
}
