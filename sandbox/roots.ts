/**
 * SPIRE's notifier: publishes a server's own X.509 authorities in the ConfigMap
 * `spire-bundle`, PEM, without JWT keys.
 *
 * @module
 */
import { OPERATOR_NAMESPACE } from "../manifests/manifest.ts";
import { kindOf } from "./kinds.ts";
import type { ClusterState, Instant } from "./model.ts";
import { writeObject } from "./object_store.ts";
import { toPem } from "./spiffe_bundle.ts";

/** Brings the ConfigMap up to date. */
export function publishRoots(cluster: ClusterState, now: Instant): ClusterState {
  const kind = kindOf({ apiVersion: "v1", kind: "ConfigMap" });
  if (kind === undefined) return cluster;
  const metadata = { name: "spire-bundle", namespace: OPERATOR_NAMESPACE };
  const data = { "bundle.crt": toPem(cluster.spire.x509Authorities.map(({ der }) => der)) };
  const [next] = writeObject({ ...cluster, denied: [] }, now, {
    verb: "apply",
    place: { kind, ...metadata },
    body: { apiVersion: "v1", kind: "ConfigMap", metadata, data },
    mode: { manager: "spire-server", force: true },
  });
  return { ...next, denied: cluster.denied };
}
