/**
 * Times in certificates (RFC 5280, section 4.1.2.5).
 *
 * @module
 */
import { DerError, type Element, TAG } from "./der.ts";

/** Reads a UTCTime or GeneralizedTime: with seconds, in UTC, a day that exists. */
export function certificateTime({ tag, body }: Element): Date {
  const text = String.fromCharCode(...body.subarray(0, 16));
  const digits = tag === TAG.utcTime
    ? century(/^\d{12}Z$/.test(text) ? text : "")
    : tag === TAG.generalizedTime && /^\d{14}Z$/.test(text)
    ? text
    : "";
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits)?.map(Number) ?? [];
  const time = new Date(0);
  time.setUTCFullYear(year ?? NaN, (month ?? NaN) - 1, day);
  time.setUTCHours(hour ?? NaN, minute, second);
  const isReal = !Number.isNaN(time.getTime()) &&
    time.toISOString().replace(/[-:T]|\.\d+/g, "") === digits;
  if (!isReal) throw new DerError("The certificate's validity is not written as RFC 5280 asks");
  return time;
}

function century(text: string): string {
  return text === "" ? "" : (Number(text.slice(0, 2)) >= 50 ? "19" : "20") + text;
}
