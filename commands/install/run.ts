import { parseConnectTo } from "../../lib/endpoint/connect_to.ts";
import { SpirefedError } from "../../lib/errors.ts";
import { install } from "../../lib/install/install.ts";
import type { Part } from "../../lib/install/wanted.ts";
import { clusterAccess } from "../cluster_access.ts";
import type { Run } from "../command.ts";
import { requireOnce } from "../required_contexts.ts";
import { readSettings } from "../settings.ts";
import { didYouMean, suggest } from "../suggest.ts";
import type { spec } from "./spec.ts";

/** `oc spirefed install CTX...` */
export const run: Run<typeof spec> = async ({ args, flags }, context) => {
  requireOnce(args);
  return await install({
    names: args,
    access: clusterAccess(flags, context),
    connectTo: parseConnectTo(flags.connectTo),
    settingsFor: await readSettings(args, flags, context),
    parts: partsOf(flags.only),
    dryRun: flags.dryRun,
    manifestsOnly: flags.output === "yaml",
    yes: flags.yes,
    forceConflicts: flags.forceConflicts,
  }, context);
};

const PARTS: readonly Part[] = ["operator", "stack", "endpoint"];

function partsOf(text: string): readonly Part[] {
  const words = text.split(",").map((word) => word.trim()).filter((word) => word !== "");
  const stranger = words.find((word) => !PARTS.some((part) => part === word));
  if (stranger !== undefined || words.length === 0) {
    throw new SpirefedError(
      "usage",
      `--only takes some of ${PARTS.join(", ")}, not "${stranger ?? text}"${
        didYouMean(suggest(stranger ?? "", PARTS))
      }`,
    );
  }
  return PARTS.filter((part) => words.includes(part));
}
