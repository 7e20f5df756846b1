/**
 * Times in certificates (RFC 5280, section 4.1.2.5).
 *
 * @module
 */
import { DerError, type Element, TAG } from "./der.ts";

/** Reads a UTCTime or GeneralizedTime: with seconds, in UTC, a day that exists. */
export function certificateTime({ tag, body }: Element): Date {
  const digits = tag === TAG.utcTime ? 2 : tag === TAG.generalizedTime ? 4 : 0;
  if (digits === 0 || body.length !== digits + 11 || body.at(-1) !== 0x5a) throw malformed();
  const pair = (at: number): number => number(body, digits + at, digits + at + 2);
  const year = digits === 2 ? century(number(body, 0, 2)) : number(body, 0, 4);
  const [month, day, hour, minute, second] = [pair(0), pair(2), pair(4), pair(6), pair(8)];
  const time = new Date(0);
  time.setUTCFullYear(year, month - 1, day);
  time.setUTCHours(hour, minute, second);
  // A date that does not exist would have become another.
  const isReal = time.getUTCMonth() === month - 1 && time.getUTCDate() === day &&
    time.getUTCHours() === hour && time.getUTCMinutes() === minute &&
    time.getUTCSeconds() === second;
  if (!isReal) throw malformed();
  return time;
}

function number(body: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (const octet of body.subarray(from, to)) {
    if (octet < 0x30 || octet > 0x39) throw malformed();
    value = value * 10 + octet - 0x30;
  }
  return value;
}

function century(year: number): number {
  return year + (year >= 50 ? 1900 : 2000);
}

function malformed(): DerError {
  return new DerError("The certificate's validity is not written as RFC 5280 asks");
}
