import { parseConnectTo } from "../../lib/endpoint/connect_to.ts";
import { SpirefedError } from "../../lib/errors.ts";
import { troubleshoot } from "../../lib/federation/checks/troubleshoot.ts";
import { clusterAccess } from "../cluster_access.ts";
import type { Run } from "../command.ts";
import type { spec } from "./spec.ts";

/** `oc spirefed troubleshoot [CTX...]` */
export const run: Run<typeof spec> = async ({ args, flags }, context) => {
  if ((flags.dryRun || flags.yes) && !flags.fix) {
    throw new SpirefedError("usage", "--dry-run and --yes go with --fix: nothing else writes", {
      remedy: "oc spirefed troubleshoot --fix --dry-run",
    });
  }
  if (flags.from !== undefined && (flags.fix || flags.pod !== undefined || args.length > 0)) {
    throw new SpirefedError(
      "usage",
      "--from judges an archive as it is: name no cluster, mend nothing",
      {
        remedy: `oc spirefed troubleshoot --from ${flags.from}`,
      },
    );
  }
  return await troubleshoot({
    names: args,
    access: clusterAccess(flags, context),
    connectTo: parseConnectTo(flags.connectTo),
    area: flags.area,
    failOn: flags.failOn,
    pod: podOf(flags.pod, args),
    from: flags.from,
    fix: flags.fix,
    dryRun: flags.dryRun,
    yes: flags.yes,
  }, context);
};

function podOf(
  text: string | undefined,
  names: readonly string[],
): { readonly namespace: string; readonly name: string } | undefined {
  if (text === undefined) return undefined;
  const [, namespace, name] = /^([a-z0-9-]+)\/([a-z0-9.-]+)$/.exec(text) ?? [];
  if (namespace !== undefined && name !== undefined && names.length === 1) {
    return { namespace, name };
  }
  throw new SpirefedError("usage", "--pod takes NAMESPACE/NAME of a pod in the one cluster named", {
    remedy: "oc spirefed troubleshoot east --pod shop/cart-0",
  });
}
