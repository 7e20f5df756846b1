/**
 * What makes the stand-ins look again: something changed in a cluster, or it is long ago.
 *
 * @module
 */
import type { ApiServer } from "../api.ts";
import { OPERATOR_NAMESPACE as namespace } from "../topology.ts";

/** Whatever they read. */
const WATCHED: readonly (readonly [apiVersion: string, kind: string, namespace?: string])[] = [
  ...[
    "ZeroTrustWorkloadIdentityManager",
    "SpireServer",
    "SpireAgent",
    "SpiffeCSIDriver",
    "SpireOIDCDiscoveryProvider",
  ].map((kind) => ["operator.openshift.io/v1alpha1", kind] as const),
  ...["StatefulSet", "DaemonSet", "Deployment"].map((kind) =>
    ["apps/v1", kind, namespace] as const
  ),
  ["v1", "ConfigMap", namespace],
  ["v1", "Service"],
  ["v1", "PersistentVolume"],
  ["route.openshift.io/v1", "Route"],
];

/** For a watch that ended: its kind may not be there yet, nor the API server. */
const PAUSE_MS = 1000;

/** The changes of one cluster. */
export class Changes {
  #wake = Promise.withResolvers<void>();

  /** Watches until the process ends. */
  constructor(api: ApiServer) {
    for (const [apiVersion, kind, namespace] of WATCHED) {
      void this.#follow(() => api.watch(apiVersion, kind, namespace));
    }
  }

  /** Waits until something changed since the last call, or for so many milliseconds. */
  async next(atMostMs: number): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, atMostMs);
    await Promise.race([this.#wake.promise, late]);
    clearTimeout(timer);
    this.#wake = Promise.withResolvers();
  }

  async #follow(open: () => Promise<ReadableStream<Uint8Array>>): Promise<void> {
    for (;;) {
      try {
        for await (const _ of await open()) this.#wake.resolve();
      } catch {
        // The next watch begins with all that is there.
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
