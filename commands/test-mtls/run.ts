import type { ClusterAccess, Context } from "../../lib/context.ts";
import { SpirefedError } from "../../lib/errors.ts";
import { type ExistingRequest, wayOf } from "../../lib/mtls/existing.ts";
import { printable } from "../../lib/output/printable.ts";
import { parseSpiffeId } from "../../lib/spiffe/mod.ts";
import { allSideBySide } from "../../lib/federation/side_by_side.ts";
import { sweep } from "../../lib/mtls/remove.ts";
import { testMtls } from "../../lib/mtls/test_mtls.ts";
import { clusterAccess } from "../cluster_access.ts";
import type { Answer, Invocation, Run } from "../command.ts";
import type { spec } from "./spec.ts";

type Flags = Invocation<typeof spec>["flags"];

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
  const existing = existingOf(args, flags);
  requireImage(image);
  const request = { names: args, both, image, repeat, keep, dryRun, existing, access };
  return await testMtls(request, context);
};

/** Which servers to visit, if any. */
function existingOf(names: readonly string[], flags: Flags): ExistingRequest | undefined {
  const { existing: selector, namespace, host, callerId, repeat, both } = flags;
  if (selector === undefined) {
    if (namespace === undefined && host === undefined && callerId === undefined) return undefined;
    throw existingFlags("--namespace, --host and --caller-id go with --existing SELECTOR");
  }
  if (namespace === undefined || namespace === "" || selector.trim() === "") {
    throw existingFlags("--existing SELECTOR goes with -n NS, and neither is empty");
  }
  if (repeat > 1) throw existingFlags("--repeat counts answered calls: a visitor makes none");
  if (host !== undefined && (both || names.length > 2)) {
    throw existingFlags("--host is the way to one server: name one direction");
  }
  if (host !== undefined) wayOf(host);
  return {
    namespace,
    selector,
    host,
    callerId: callerId === undefined ? undefined : parseSpiffeId(callerId),
  };
}

function existingFlags(message: string): SpirefedError {
  return new SpirefedError("usage", message, {
    remedy: "oc spirefed test-mtls east west --existing app=cart -n shop",
  });
}

/** A tag or a digest is taken as it is given; what no registry could mean is refused here. */
function requireImage(image: string): void {
  if (/^[\w./:@-]+$/.test(image)) return;
  throw new SpirefedError("usage", `--image ${printable(image, 200)} names no image`, {
    remedy: "--image registry.example/ubi9/nodejs-22-minimal@sha256:…",
  });
}

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
