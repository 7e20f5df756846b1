/**
 * What the user typed to start this program, so that help and remedies can be pasted.
 *
 * @module
 */

/** What a process knows of how it was called. */
export interface Call {
  /** URL or path of the file that was started; a link keeps its own name. */
  readonly called: string;
  /** `$_`, where the user's shell keeps the program that it started itself. */
  readonly lastCommand?: string | undefined;
}

/**
 * The program as the user knows it. oc and kubectl start a plugin in their own
 * place, so the shell's `$_` still names them.
 *
 * @example
 * ```ts
 * import { programName } from "./program_name.ts";
 * import assert from "node:assert/strict";
 *
 * const called = "file:///usr/local/bin/kubectl-spirefed";
 * assert.equal(programName({ called }), "kubectl spirefed");
 * assert.equal(programName({ called, lastCommand: "/usr/bin/oc" }), "oc spirefed");
 * ```
 */
export function programName({ called, lastCommand = "" }: Call): string {
  const file = baseName(called);
  const starter = baseName(lastCommand);
  if (starter === "oc" || starter === "kubectl") return `${starter} spirefed`;
  const [, prefix] = /^(oc|kubectl)-spirefed$/.exec(file) ?? [];
  if (prefix === undefined) return "oc spirefed";
  return starter === file ? file : `${prefix} spirefed`;
}

/**
 * A text in which commands of this program are spelled as the user spells them. All texts
 * are written for `oc spirefed`; a user pastes what was typed before.
 *
 * @example
 * ```ts
 * import { asCalled } from "./program_name.ts";
 * import assert from "node:assert/strict";
 *
 * const text = "Next: oc spirefed peer east west";
 * assert.equal(asCalled(text, "kubectl spirefed"), "Next: kubectl spirefed peer east west");
 * ```
 */
export function asCalled(text: string, program: string): string {
  return text.replaceAll(/(?<![\w-])oc spirefed(?![\w-])/g, () => program);
}

function baseName(path: string): string {
  return (path.split(/[/\\]/).at(-1) ?? "").replace(/\.exe$/, "");
}
