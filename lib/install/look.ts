/**
 * Looks at all clusters side by side, and puts them before the checks.
 *
 * @module
 */
import type { Cluster } from "../cluster/cluster.ts";
import type { Context } from "../context.ts";
import type { ClusterAccess } from "../context.ts";
import type { ConnectTo } from "../endpoint/endpoint.ts";
import { SpirefedError } from "../errors.ts";
import { sideBySide } from "../federation/side_by_side.ts";
import { collectFacts, type Looked } from "./facts.ts";
import type { InstallSettings } from "./settings.ts";
import type { Subject } from "./subject.ts";
import { type Part, wantedOf } from "./wanted.ts";

/** Which clusters, and what is wanted of each. */
export interface Looking {
  readonly names: readonly string[];
  readonly access: ClusterAccess;
  readonly connectTo: readonly ConnectTo[];
  readonly settingsFor: (cluster: string) => InstallSettings;
  readonly parts: readonly Part[];
}

/** A cluster, open, and what is known of it. */
export interface Opened {
  /** `undefined` where the context itself is no good. */
  readonly cluster: Cluster | undefined;
  readonly subject: Subject;
}

/**
 * Collects the facts of every cluster. One that fails is a fact, too.
 *
 * @throws {SpirefedError} `usage` for a context that is not there, and when interrupted.
 */
export async function lookAt(request: Looking, context: Context): Promise<readonly Opened[]> {
  const { access, connectTo, settingsFor } = request;
  const { fetchBundle, now, signal } = context;
  const outcomes = await sideBySide(request.names, async (name) => {
    const cluster = await context.openCluster(name, access);
    const probing = { fetchBundle, connectTo, now, signal };
    try {
      const facts = await collectFacts(cluster, settingsFor(name), probing);
      return { cluster, looked: { cluster: name, facts } };
    } catch (failure) {
      if (!(failure instanceof SpirefedError) || signal.aborted) throw failure;
      return { cluster, looked: { cluster: name, failure } };
    }
  });
  const found = outcomes.map((outcome, at): Pick<Opened, "cluster"> & { looked: Looked } => {
    if (outcome.ok) return outcome.value;
    if (outcome.error.kind !== "preflight") throw outcome.error;
    return {
      cluster: undefined,
      looked: { cluster: request.names[at] ?? "", failure: outcome.error },
    };
  });
  return asSubjects(found, request);
}

function asSubjects(
  found: readonly (Pick<Opened, "cluster"> & { readonly looked: Looked })[],
  { settingsFor, parts }: Looking,
): readonly Opened[] {
  const all = found.map(({ cluster, looked }) => {
    const settings = settingsFor(looked.cluster);
    const wanted = looked.facts && wantedOf(settings, looked.facts, parts);
    return { cluster, looked, settings, wanted };
  });
  return all.map(({ cluster, ...own }) => ({
    cluster,
    subject: {
      ...own,
      others: all.filter((one) => one.looked !== own.looked && one.looked.facts !== undefined),
    },
  }));
}
