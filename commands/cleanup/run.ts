import { SpirefedError } from "../../lib/errors.ts";
import { cleanup } from "../../lib/federation/cleanup/cleanup.ts";
import { CLEANUP_PARTS, type CleanupPart } from "../../lib/federation/cleanup/request.ts";
import { printable } from "../../lib/output/printable.ts";
import { clusterAccess } from "../cluster_access.ts";
import type { Run } from "../command.ts";
import { withoutSkipped } from "../required_contexts.ts";
import type { spec } from "./spec.ts";

/** `oc spirefed cleanup CTX...` */
export const run: Run<typeof spec> = async ({ args, flags }, context) => {
  const { names, skipped } = withoutSkipped(args, flags.skip, context);
  requireClusters(names);
  const parts = partsOf(flags.only, flags.all, args);
  if (flags.crds && !parts.includes("operator")) {
    throw new SpirefedError("usage", "--crds goes with the operator: its part is not named", {
      remedy: `oc spirefed cleanup ${args.join(" ")} --only operator --crds`,
    });
  }
  for (const name of skipped) {
    context.stderr(`note: ${printable(name, 120)} is left out by --skip\n`);
  }
  return await cleanup({
    names,
    parts,
    keepCa: flags.keepCa,
    crds: flags.crds,
    dryRun: flags.dryRun,
    yes: flags.yes,
    access: clusterAccess(flags, context),
  }, context);
};

function requireClusters(names: readonly string[]): void {
  if (names.length > 0) return;
  throw new SpirefedError("usage", "Every cluster that was named is left out by --skip", {
    remedy: "name a cluster that is not skipped",
  });
}

/** In the order in which they go, however they were named. */
function partsOf(
  only: string | undefined,
  all: boolean,
  names: readonly string[],
): readonly CleanupPart[] {
  if (all && only === undefined) return CLEANUP_PARTS;
  const words = (only ?? "").split(",").map((word) => word.trim()).filter((word) => word !== "");
  const unknown = words.find((word) => !CLEANUP_PARTS.some((part) => part === word));
  const line = `oc spirefed cleanup ${names.join(" ")}`;
  if (unknown !== undefined) {
    throw new SpirefedError("usage", `--only ${unknown}: there is no such part`, {
      remedy: `${line} --only ${CLEANUP_PARTS.join(",")}, or some of these`,
    });
  }
  if (all) {
    throw new SpirefedError("usage", "--all and --only contradict each other", {
      remedy: "leave one of them out",
    });
  }
  if (words.length > 0) return CLEANUP_PARTS.filter((part) => words.includes(part));
  throw new SpirefedError(
    "usage",
    "There is no default for what is to go: workloads, federation, stack or operator",
    { remedy: `${line} --only workloads, or --all; with --dry-run it only shows what would go` },
  );
}
