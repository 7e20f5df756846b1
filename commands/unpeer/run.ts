import { SpirefedError } from "../../lib/errors.ts";
import { unpeer } from "../../lib/federation/unpeer/unpeer.ts";
import { clusterAccess } from "../cluster_access.ts";
import type { Run } from "../command.ts";
import { withoutSkipped } from "../required_contexts.ts";
import type { spec } from "./spec.ts";

/** `oc spirefed unpeer CTX CTX...` */
export const run: Run<typeof spec> = async ({ args, flags }, context) => {
  const { names, skipped } = withoutSkipped(args, flags.skip, context);
  requireTwo(args, names);
  return await unpeer({
    names,
    skipped,
    localOnly: flags.localOnly,
    dryRun: flags.dryRun,
    yes: flags.yes,
    access: clusterAccess(flags, context),
  }, context);
};

function requireTwo(args: readonly string[], names: readonly string[]): void {
  if (names.length >= 2 && names[0] === args[0]) return;
  const first = args[0] ?? "east";
  throw new SpirefedError(
    "usage",
    names[0] === args[0]
      ? "Trust is between two: name the cluster, and those that it is to leave"
      : `${first} is the cluster that leaves the others, so it cannot be skipped`,
    { remedy: `oc spirefed unpeer ${first} ${first === "west" ? "east" : "west"}` },
  );
}
