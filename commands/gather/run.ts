import { parseConnectTo } from "../../lib/endpoint/connect_to.ts";
import { gather } from "../../lib/federation/gather/gather.ts";
import { clusterAccess } from "../cluster_access.ts";
import type { Run } from "../command.ts";
import { requiredFlag } from "../required_flag.ts";
import { VERSION } from "../version/version.ts";
import type { spec } from "./spec.ts";

/** `oc spirefed gather [CTX...] --out FILE` */
export const run: Run<typeof spec> = async ({ args, flags }, context) => {
  return await gather({
    names: args,
    access: clusterAccess(flags, context),
    connectTo: parseConnectTo(flags.connectTo),
    out: requiredFlag(flags.out, "--out federation.tar.gz"),
    version: VERSION,
  }, context);
};
