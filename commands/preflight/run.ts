import { parseConnectTo } from "../../lib/endpoint/connect_to.ts";
import { preflight } from "../../lib/install/preflight.ts";
import { clusterAccess } from "../cluster_access.ts";
import type { Run } from "../command.ts";
import { requireOnce } from "../required_contexts.ts";
import { readSettings } from "../settings.ts";
import type { spec } from "./spec.ts";

/** `oc spirefed preflight CTX...` */
export const run: Run<typeof spec> = async ({ args, flags }, context) => {
  requireOnce(args);
  return await preflight({
    names: args,
    access: clusterAccess(flags, context),
    connectTo: parseConnectTo(flags.connectTo),
    settingsFor: await readSettings(args, flags, context),
    parts: ["operator", "stack", "endpoint"],
    failOn: flags.failOn,
  }, context);
};
