/**
 * What every Kubernetes object has, and how a kind is found and read.
 *
 * @module
 */

/** Any Kubernetes object; `apiVersion`, `kind` and a name are all that is promised. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [member: string]: unknown;
}

/** The parts of `metadata` that this program reads or writes. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly generation?: number | undefined;
  /** RFC 3339, as the API server prints it. */
  readonly creationTimestamp?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** How to find objects of a kind, and how to read one. */
export interface Resource<T> {
  readonly apiVersion: string;
  readonly kind: string;
  /** The lower-case plural of the URL path, e.g. `clusterfederatedtrustdomains`. */
  readonly plural: string;
  /** Whether objects live in a namespace; every verb then needs one. */
  readonly namespaced: boolean;
  /**
   * Reads what an API server sent, which is hostile until read.
   *
   * @throws {Error} naming the member that is not as it should be.
   */
  readonly parse: (object: unknown) => T;
}

/** `ClusterFederatedTrustDomain/apps.west.example`, as messages name an object. */
export function nameOf({ kind, metadata }: Pick<Manifest, "kind" | "metadata">): string {
  return `${kind}/${metadata.name}`;
}

/** The label by which objects made by this program are found again. */
export const MANAGED_BY = { "app.kubernetes.io/managed-by": "oc-spirefed" } as const;

/** Made by this program, by its label: a name proves nothing. */
export function isMadeHere({ labels }: Pick<ObjectMeta, "labels">): boolean {
  return Object.entries(MANAGED_BY).every(([key, value]) => labels?.[key] === value);
}

/** The label on what one run made and may take away again: its practice workloads. */
export const RUN_LABEL = "spirefed/run";

/** The field manager of every write. */
export const FIELD_MANAGER = "oc-spirefed";

/** The namespace of the operator and its operands, a constant in the operator. */
export const OPERATOR_NAMESPACE = "zero-trust-workload-identity-manager";
