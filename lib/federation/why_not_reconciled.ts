/**
 * Why a SPIRE server knows no relationship though one was declared. The kind has no
 * status: the objects themselves, and the log of spire-controller-manager, tell.
 *
 * @module
 */
import type { Cluster } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import { CLUSTER_FEDERATED_TRUST_DOMAINS } from "../../manifests/cluster_federated_trust_domain.ts";
import { nameOf } from "../../manifests/manifest.ts";
import { declaredFor } from "./declared.ts";
import type { Side } from "./side.ts";
import { SPIRE_SERVER } from "./spire_server_cli.ts";

const CONTROLLER_MANAGER = { ...SPIRE_SERVER, container: "spire-controller-manager" };

/** What stands instead of a relationship. */
export interface NotReconciled {
  readonly state: "missing" | "applied";
  readonly reason: string;
}

/** Looks once more at what is declared for a peer. Never throws for what a cluster does. */
export async function whyNotReconciled(
  cluster: Cluster,
  holder: Side,
  peer: Pick<Side, "trustDomain">,
): Promise<NotReconciled> {
  const unknown: NotReconciled = { state: "applied", reason: "applied but not reconciled in 60 s" };
  try {
    const { items } = await cluster.list(CLUSTER_FEDERATED_TRUST_DOMAINS);
    const [object] = declaredFor({ ...holder, declared: items }, peer.trustDomain);
    if (object === undefined) {
      return {
        state: "missing",
        reason: `the ClusterFederatedTrustDomain for ${peer.trustDomain} was deleted ` +
          "by somebody while waiting",
      };
    }
    if (!holder.allowed.logs) return unknown;
    const log = await cluster.logs(CONTROLLER_MANAGER, { tailLines: 500 });
    const line = complaintIn(log, object.metadata.name);
    if (line === undefined) return unknown;
    return { ...unknown, reason: `${nameOf(object)}: ${unknown.reason}: ${printable(line, 300)}` };
  } catch (error) {
    if (!(error instanceof SpirefedError) || error.exitCode >= 124) throw error;
    return unknown;
  }
}

/**
 * The latest line in which the controller complains of an object.
 *
 * @example
 * ```ts
 * import { complaintIn } from "./why_not_reconciled.ts";
 * import assert from "node:assert/strict";
 *
 * const log = `now\tINFO\treconciler\tIgnoring it\t{"clusterFederatedTrustDomain":"west"}\n`;
 *
 * assert.equal(complaintIn(log, "west"), "Ignoring it");
 * assert.equal(complaintIn(log, "we"), undefined);
 * ```
 */
export function complaintIn(log: string, name: string): string | undefined {
  const line = log.split("\n").findLast((line) =>
    line.includes(JSON.stringify(name)) && /\t(ERROR|INFO)\t.*\t(Ignoring|Failed)/.test(line)
  );
  return line?.split("\t").find((part) => /^(Ignoring|Failed)/.test(part));
}
