/**
 * How problems look, wherever they come from: what, where, and why.
 *
 * @module
 */
import type { Problem } from "../../spiffe/model.ts";
import { printable } from "../printable.ts";
import { paragraph } from "./paragraph.ts";

/** Problems, errors first, each with its place in the input; empty when there are none. */
export function renderProblems(
  problems: readonly Problem[],
  { indent = "", columns }: { readonly indent?: string; readonly columns: number },
): string {
  return [...problems]
    .sort((a, b) => rank(a) - rank(b))
    .map(({ severity, code, message, path }) => {
      const place = path === "" ? "" : ` at ${printable(path, 200)}`;
      return `${indent}${severity}: ${printable(code)}${place}\n` +
        paragraph(printable(message), `${indent}  `, columns);
    })
    .join("");
}

function rank({ severity }: Problem): number {
  return severity === "error" ? 0 : 1;
}
