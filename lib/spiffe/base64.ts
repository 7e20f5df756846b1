/**
 * Strict decoding of base64 and base64url (RFC 4648): one text for each value,
 * so no white space, no missing or surplus padding, no stray bits at the end.
 *
 * @module
 */

/** Decodes padded base64; `undefined` when the text is not exactly that. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  return decode(text, "base64");
}

/** Decodes base64url without padding; `undefined` when the text is not exactly that. */
export function decodeBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return undefined;
  return decode(text + "=".repeat((4 - text.length % 4) % 4), "base64url");
}

/** Encodes as base64url without padding. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function decode(
  text: string,
  alphabet: "base64" | "base64url",
): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.fromBase64(text, { alphabet, lastChunkHandling: "strict" });
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
