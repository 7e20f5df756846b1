/**
 * Where the harness keeps what it builds and what it runs.
 *
 * @module
 */
import { homedir } from "node:os";
import { join } from "node:path";
import { RUN_NAME } from "./topology.ts";

/** Built binaries, images and the state of a run; safe to delete while nothing runs. */
export const CACHE = join(
  Deno.env.get("XDG_CACHE_HOME") || join(homedir(), ".cache"),
  "oc-spirefed-e2e",
);

/** The state of this run. */
export const RUN = join(CACHE, ["run", RUN_NAME].filter(Boolean).join("-"));

/** Built programs under their plain names, links into the cache. */
export const PROGRAMS = join(RUN, "bin");

/** The program under test as one file, as it was when this run came up; alone in its folder. */
export const PLUGIN = join(RUN, "plugin/kubectl-spirefed");

/** All images of this run as containerd keeps them, a link into the cache. */
export const IMAGES = join(RUN, "images");

/** Custom resource definitions of this run, links into the module cache. */
export const DEFINITION_FILES = join(RUN, "definitions");

/** Administrator's access to all clusters, a context each. */
export const KUBECONFIG = join(RUN, "kubeconfig");

/** A script that runs a command where the clusters can be reached. */
export const ENTER = join(RUN, "enter");

/** The harness itself. */
export const HERE = import.meta.dirname ?? ".";

/** HAProxy's configuration, rewritten whenever a route changes. */
export const ROUTER_CONFIGURATION = join(RUN, "haproxy.cfg");

/** What HAProxy says of itself. */
export const ROUTER_LOG = join(RUN, "router.log");
