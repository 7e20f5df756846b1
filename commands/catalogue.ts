/**
 * The list of all commands: what help, completion and the parser know.
 *
 * Specs are data, and the work of a command is loaded when it runs, so this list
 * costs nothing at start-up.
 *
 * @module
 */
import type { CommandSpec, Flag, Run } from "./command.ts";
import { spec as bundleDiff } from "./bundle/diff/spec.ts";
import { spec as bundleFetch } from "./bundle/fetch/spec.ts";
import { spec as bundleVerify } from "./bundle/verify/spec.ts";
import { spec as cfdtGen } from "./cfdt/gen/spec.ts";
import { spec as cfdtLint } from "./cfdt/lint/spec.ts";
import { spec as cleanup } from "./cleanup/spec.ts";
import { spec as completion } from "./completion/spec.ts";
import { spec as gather } from "./gather/spec.ts";
import { spec as help } from "./help/spec.ts";
import { spec as install } from "./install/spec.ts";
import { spec as peer } from "./peer/spec.ts";
import { spec as preflight } from "./preflight/spec.ts";
import { spec as sandbox } from "./sandbox/spec.ts";
import { spec as spiffeidGen } from "./spiffeid/gen/spec.ts";
import { spec as status } from "./status/spec.ts";
import { spec as svidShow } from "./svid/show/spec.ts";
import { spec as troubleshoot } from "./troubleshoot/spec.ts";
import { spec as unpeer } from "./unpeer/spec.ts";
import { spec as testMtls } from "./test-mtls/spec.ts";
import { spec as version } from "./version/spec.ts";

/** A command and how to load its work. */
export interface Entry {
  readonly spec: CommandSpec;
  readonly load: () => Promise<Run<CommandSpec>>;
}

/** What the first word of two-word commands stands for. */
export const GROUP_WORDS: ReadonlyMap<string, string> = new Map([
  ["bundle", "Fetch, judge and compare trust bundles"],
  ["cfdt", "Write and check ClusterFederatedTrustDomains"],
  ["spiffeid", "Write ClusterSPIFFEIDs"],
  ["svid", "Read SVIDs"],
]);

/** All commands, in the order of help. */
export const CATALOGUE: readonly Entry[] = [
  entry(install, () => import("./install/run.ts")),
  entry(preflight, () => import("./preflight/run.ts")),
  entry(peer, () => import("./peer/run.ts")),
  entry(unpeer, () => import("./unpeer/run.ts")),
  entry(testMtls, () => import("./test-mtls/run.ts")),
  entry(status, () => import("./status/run.ts")),
  entry(bundleFetch, () => import("./bundle/fetch/run.ts")),
  entry(bundleVerify, () => import("./bundle/verify/run.ts")),
  entry(bundleDiff, () => import("./bundle/diff/run.ts")),
  entry(cfdtGen, () => import("./cfdt/gen/run.ts")),
  entry(cfdtLint, () => import("./cfdt/lint/run.ts")),
  entry(spiffeidGen, () => import("./spiffeid/gen/run.ts")),
  entry(svidShow, () => import("./svid/show/run.ts")),
  entry(cleanup, () => import("./cleanup/run.ts")),
  entry(troubleshoot, () => import("./troubleshoot/run.ts")),
  entry(gather, () => import("./gather/run.ts")),
  entry(sandbox, () => import("./sandbox/run.ts")),
  entry(completion, () => import("./completion/run.ts")),
  entry(help, () => import("./help/run.ts")),
  entry(version, () => import("./version/run.ts")),
];

/** Pairs a spec with its work; the parser is what makes the two agree at run time. */
function entry<Flags extends Readonly<Record<string, Flag>>>(
  spec: CommandSpec<Flags>,
  load: () => Promise<{ readonly run: Run<CommandSpec<Flags>> }>,
): Entry {
  return { spec, load: async () => (await load()).run as unknown as Run<CommandSpec> };
}
