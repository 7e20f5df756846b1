import { parseConnectTo } from "../../lib/endpoint/connect_to.ts";
import { SpirefedError } from "../../lib/errors.ts";
import { status } from "../../lib/federation/status/status.ts";
import type { ExpiresWithin } from "../../lib/federation/status/report.ts";
import { clusterAccess } from "../cluster_access.ts";
import type { Run } from "../command.ts";
import { parseDuration } from "../values.ts";
import type { spec } from "./spec.ts";

/** `oc spirefed status [CTX...]` */
export const run: Run<typeof spec> = async ({ args, flags }, context) => {
  if (flags.from !== undefined && (flags.wait || flags.watch || flags.refresh || args.length > 0)) {
    throw new SpirefedError(
      "usage",
      "--from judges an archive as it is: name no cluster, and wait for nothing",
      { remedy: `oc spirefed status --from ${flags.from}` },
    );
  }
  if (flags.watch && (flags.wait || flags.output !== "text")) {
    throw new SpirefedError(
      "usage",
      "--watch draws text until Ctrl-C; it goes with no --wait and no -o",
      {
        remedy: "oc spirefed status --watch",
      },
    );
  }
  return await status({
    names: args,
    access: clusterAccess(flags, context),
    connectTo: parseConnectTo(flags.connectTo),
    refresh: flags.refresh,
    wait: flags.wait,
    watch: flags.watch,
    expiresWithin: expiresWithin(flags.expiresWithin),
    failOn: flags.failOn,
    from: flags.from,
  }, context);
};

function expiresWithin(text: string): ExpiresWithin {
  const percent = /^(\d{1,2}|100)%$/.exec(text)?.[1];
  if (percent !== undefined) return { share: Number(percent) / 100 };
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return { seconds: milliseconds / 1000 };
  throw new SpirefedError(
    "usage",
    `--expires-within takes 20% or a time such as 6h, not "${text}"`,
  );
}
