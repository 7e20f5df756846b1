import type { ClusterAccess, Context } from "../../lib/context.ts";
import { SpirefedError } from "../../lib/errors.ts";
import { allSideBySide } from "../../lib/federation/side_by_side.ts";
import { sweep } from "../../lib/mtls/remove.ts";
import { testMtls } from "../../lib/mtls/test_mtls.ts";
import { clusterAccess } from "../cluster_access.ts";
import type { Answer, Run } from "../command.ts";
import type { spec } from "./spec.ts";

const MOST_CALLS = 10_000;

/** `oc spirefed test-mtls SERVER CLIENT` */
export const run: Run<typeof spec> = async ({ args, flags }, context) => {
  if (flags.printImages) return printImages(flags.image);
  const access = clusterAccess(flags, context);
  if (flags.cleanup) return await cleanup(args, access, context);
  requireTwo(args);
  if (flags.repeat < 1 || flags.repeat > MOST_CALLS) {
    throw new SpirefedError("usage", `--repeat ${flags.repeat} is not from 1 to ${MOST_CALLS}`, {
      remedy: "oc spirefed test-mtls … --repeat 20",
    });
  }
  const { both, image, repeat, keep, dryRun } = flags;
  return await testMtls({ names: args, both, image, repeat, keep, dryRun, access }, context);
};

function printImages(image: string): Answer {
  return { result: { kind: "Text", text: `${image}\n`, members: { items: [image] } } };
}

async function cleanup(
  names: readonly string[],
  access: ClusterAccess,
  context: Context,
): Promise<Answer> {
  if (names.length === 0) {
    throw new SpirefedError("usage", "--cleanup needs the clusters to clean", {
      remedy: "oc spirefed test-mtls --cleanup east west",
    });
  }
  const items = (await allSideBySide(names, async (name) => {
    const cluster = await context.openCluster(name, access);
    const gone = await sweep(cluster, context.now());
    return gone.map((object) => ({ cluster: name, object }));
  })).flat();
  const lines = items.map(({ cluster, object }) => `${cluster}  ${object} removed\n`);
  const text = lines.join("") || "Nothing is left of runs older than an hour\n";
  return { result: { kind: "Text", text, members: { items } } };
}

function requireTwo(names: readonly string[]): void {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (names.length >= 2 && twice === undefined) return;
  throw new SpirefedError(
    "usage",
    twice === undefined
      ? "A call goes from one cluster to another: name the server's, then the caller's"
      : `${twice} is named twice`,
    {
      remedy: `oc spirefed test-mtls ${names[0] ?? "east"} ${
        names[0] === "west" ? "east" : "west"
      }`,
    },
  );
}
