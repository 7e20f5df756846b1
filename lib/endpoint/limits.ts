/**
 * How long and how much an endpoint may take.
 *
 * @module
 */

/** Bounds of one fetch; times in milliseconds, sizes in bytes. */
export interface EndpointLimits {
  /** For the TCP connection to one address. */
  readonly connectMs: number;
  readonly handshakeMs: number;
  /** For everything, retries included. */
  readonly totalMs: number;
  /** Waits before the tries after the first; only what passes by itself is tried again. */
  readonly retryDelaysMs: readonly number[];
  readonly bodyBytes: number;
  /** Status line and headers together. */
  readonly headerBytes: number;
  /** How much of an answer that is no bundle is looked at, to explain it. */
  readonly explanationBytes: number;
  /** For what an unauthenticated endpoint says of its time and state, to explain a failure. */
  readonly explanationMs: number;
}

/** The bounds that hold outside tests. */
export const LIMITS: EndpointLimits = {
  connectMs: 5_000,
  handshakeMs: 5_000,
  totalMs: 15_000,
  retryDelaysMs: [1_000, 3_000],
  bodyBytes: 1024 * 1024,
  headerBytes: 16 * 1024,
  explanationBytes: 64 * 1024,
  explanationMs: 2_000,
};

/** A duration as messages show it: `15 s`, `0.2 s`. */
export function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`;
}

/** A size as messages show it: `1 MiB`, `64 KiB`, `100 bytes`. */
export function size(bytes: number): string {
  if (bytes % (1024 * 1024) === 0) return `${bytes / (1024 * 1024)} MiB`;
  return bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${bytes} bytes`;
}
