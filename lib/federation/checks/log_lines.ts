/**
 * Finding the line in a log that says why.
 *
 * @module
 */
import { printable } from "../../output/printable.ts";
import type { ClusterView } from "../facts/view.ts";

/** The latest line that matches, of the logs whose name holds a word; without its time, printable. */
export function logLine(view: ClusterView, name: string, pattern: RegExp): string | undefined {
  for (const [key, log] of Object.entries(view.facts.logs)) {
    if (!key.includes(name) || log.state !== "read") continue;
    const line = log.text.split("\n").findLast((one) => pattern.test(one));
    if (line !== undefined) return messageOf(line);
  }
  return undefined;
}

/** The words of a line of logrus or zap, without time and level. */
function messageOf(line: string): string {
  const text = line.replace(/^\S+ /, "");
  const error = /\berror=("(?:[^"\\]|\\.)*"|\S+)/.exec(text)?.[1];
  const message = /\bmsg=("(?:[^"\\]|\\.)*"|\S+)/.exec(text)?.[1];
  const parts = [message, error].filter((part) => part !== undefined)
    .map((part) => part.startsWith('"') ? part.slice(1, -1).replace(/\\(.)/g, "$1") : part);
  return printable(parts.length > 0 ? parts.join(": ") : text, 400);
}
