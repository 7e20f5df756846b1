/**
 * Bytes that arrive in pieces.
 *
 * @module
 */

/** Puts pieces one after the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Reads to the end, and holds no more than `limit` bytes at any time.
 *
 * @throws what `tooMuch` makes, when there are more; what the pieces throw.
 */
export async function readUpTo(
  pieces: AsyncIterable<Uint8Array>,
  limit: number,
  tooMuch: () => Error,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > limit) throw tooMuch();
    parts.push(piece);
  }
  return joined(parts);
}
