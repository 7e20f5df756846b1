/**
 * Until when a stored bundle lets its holder follow the peer: when a peer's endpoint stays
 * away, its authorities rotate on unseen, and once the server's certificate is signed by
 * one that the holder never saw, only a new bootstrap helps.
 *
 * @module
 */
import type { Bundle, X509Authority } from "../../spiffe/model.ts";

const DAY_MS = 24 * 3_600_000;
/** SPIRE activates a prepared authority this long before the active one ends, at most. */
const LONGEST_LEAD_MS = 7 * DAY_MS;

/** What is known of it. */
export interface LockOut {
  readonly at: Date;
  /** Of the life of the newest stored authority: 1 when it is new, 0 at the lock-out. */
  readonly remaining: number;
}

/**
 * When the holder can no longer authenticate the peer's endpoint if it does not reach it
 * until then: an authority that is not stored becomes active at five sixths of the life of
 * the newest one that is (spire, `ca/manager`); that one's own certificate ends the wait in any case.
 */
export function lockOutOf(stored: Bundle, now: Date): LockOut | undefined {
  const newest = newestOf(stored);
  if (newest === undefined) return undefined;
  const { notBefore, notAfter } = newest;
  const life = notAfter.getTime() - notBefore.getTime();
  const at = new Date(notAfter.getTime() - Math.min(life / 6, LONGEST_LEAD_MS));
  const whole = at.getTime() - notBefore.getTime();
  const left = at.getTime() - now.getTime();
  return { at, remaining: whole <= 0 ? 0 : Math.min(1, Math.max(0, left / whole)) };
}

/** The authority that is valid longest. */
export function newestOf({ x509Authorities }: Bundle): X509Authority | undefined {
  return x509Authorities.reduce<X509Authority | undefined>(
    (newest, one) =>
      newest === undefined || one.notAfter.getTime() > newest.notAfter.getTime() ? one : newest,
    undefined,
  );
}

/** Which part of an authority's life is left, between 0 and 1. */
export function lifeLeft({ notBefore, notAfter }: X509Authority, now: Date): number {
  const life = notAfter.getTime() - notBefore.getTime();
  return life <= 0 ? 0 : Math.min(1, Math.max(0, (notAfter.getTime() - now.getTime()) / life));
}
