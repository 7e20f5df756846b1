/**
 * What a command line can lead to, read from its spec: whatever stands where completion
 * offers contexts is one.
 *
 * @module
 */
import type { Needs } from "../lib/context.ts";
import type { CommandSpec, Flag, Invocation } from "./command.ts";

/** Which contexts a command may open, and whether it writes files. */
export function needsOf<Spec extends CommandSpec>(
  spec: Spec,
  invocation: Invocation<CommandSpec>,
): Needs {
  const named = namedContexts(spec, invocation);
  return {
    writes: spec.writes !== undefined,
    endpoints: "connectTo" in spec.flags,
    clusters: named.length > 0 ? named : whenNoneIsNamed(spec),
  };
}

function namedContexts(
  spec: CommandSpec,
  { args, flags }: Invocation<CommandSpec>,
): readonly string[] {
  const last = spec.arguments.at(-1);
  const operands = args.filter((_word, at) =>
    (spec.arguments[at] ?? (last?.variadic ? last : undefined))?.completes === "context"
  );
  const values = Object.entries(spec.flags).filter(([, flag]) => isContext(flag))
    .flatMap(([key]) => flags[key] ?? []).map(String);
  return [...new Set([...operands, ...values])];
}

function whenNoneIsNamed(spec: CommandSpec): Needs["clusters"] {
  if (spec.arguments.some(({ completes }) => completes === "context")) return "any";
  return Object.values(spec.flags).some(isContext) ? "one" : "none";
}

function isContext(flag: Flag): boolean {
  return "completes" in flag && flag.completes === "context";
}
