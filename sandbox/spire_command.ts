/**
 * What every command of the stand-in for `spire-server` works with.
 *
 * @module
 */
import type { ClusterState, SpireState, World } from "./model.ts";

/** What a command came to. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command line, taken apart. */
export interface Words {
  readonly flags: ReadonlyMap<string, string>;
  readonly stdin: string;
  readonly json: boolean;
}

/** The state after a command, and what it said. */
export type Outcome = readonly [SpireState, CommandResult];

/** One command. */
export type Command = (world: World, cluster: ClusterState, words: Words) => Outcome;

/** A command that worked. */
export function done(stdout: string, stderr = ""): CommandResult {
  return { code: 0, stdout, stderr };
}

/** A command that did not. */
export function failed(message: string): CommandResult {
  return { code: 1, stdout: "", stderr: `Error: ${message}\n` };
}

/** `-id spiffe://td` or `-id td`. */
export function trustDomainIn({ flags }: Words): string {
  return (flags.get("id") ?? "").replace(/^spiffe:\/\//, "");
}
