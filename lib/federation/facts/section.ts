/**
 * What was found, or why nobody could look.
 *
 * @module
 */
import { SpirefedError, withoutCluster } from "../../errors.ts";
import { printable } from "../../output/printable.ts";
import type { Section, Unread } from "./facts.ts";
import { redactText } from "./redact_text.ts";

/** The things found, none where nobody could look. */
export function itemsOf<T>(section: Section<T> | undefined): readonly T[] {
  return section?.state === "read" ? section.items : [];
}

/** Why something could not be read, without the context in front. */
export function unread({ code = "failed", message }: SpirefedError): Unread {
  const why = redactText(printable(withoutCluster(message), 500));
  return { state: "unread", code, why };
}

/** Reads a section; a failure is a fact, unless the command was stopped. */
export async function readSection<T>(
  signal: AbortSignal,
  read: () => Promise<readonly T[]>,
): Promise<Section<T>> {
  try {
    return { state: "read", items: await read() };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof SpirefedError)) throw error;
    return unread(error);
  }
}
