/**
 * Base64 and base64url (RFC 4648). Decoding is strict, one text for each value, so no
 * white space, no missing or surplus padding, no stray bits at the end; except where
 * go-spiffe's own leniency is asked for.
 *
 * @module
 */

/** Decodes padded base64; `undefined` when the text is not exactly that. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  return decode(text, "base64", "strict");
}

/**
 * Decodes as Go's encoding/base64 does: line breaks are passed over, and so are stray bits
 * at the end. There is no second value that another reader could find in such a text.
 */
export function decodeAsGo(
  text: string,
  alphabet: "base64" | "base64url",
): Uint8Array<ArrayBuffer> | undefined {
  const plain = text.replaceAll(/[\r\n]/g, "");
  const isWhole = alphabet === "base64"
    ? /^[A-Za-z0-9+/]*={0,2}$/.test(plain) && plain.length % 4 === 0
    : /^[A-Za-z0-9_-]*$/.test(plain);
  return isWhole ? decode(plain, alphabet, "loose") : undefined;
}

/** Encodes as base64url without padding. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function decode(
  text: string,
  alphabet: "base64" | "base64url",
  lastChunkHandling: "strict" | "loose",
): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.fromBase64(text, { alphabet, lastChunkHandling });
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
