/**
 * What is known of one cluster of a federation: facts, gathered once, that pure
 * functions decide from.
 *
 * @module
 */
import type { Bundle, Problem, SpiffeId, TrustDomain } from "../spiffe/model.ts";
import type { ClusterFederatedTrustDomain } from "../../manifests/cluster_federated_trust_domain.ts";
import type { StaticPeer } from "../../manifests/spire_server.ts";

/** How one cluster's bundle endpoint is reached and recognised. */
export interface EndpointParameters {
  readonly url: string;
  readonly profile: "https_spiffe" | "https_web";
  /** `undefined` exactly when the profile is https_web. */
  readonly spiffeId: SpiffeId | undefined;
}

/** The X.509 authorities that a cluster's own API names. */
export interface ApiRoots {
  readonly bundle: Bundle;
  /** Where they were read: `ConfigMap/spire-bundle` or `spire-server bundle show`. */
  readonly source: string;
}

/** What the user behind a context may do beyond reading. */
export interface Allowed {
  /** `create pods/exec`: proof (a), repair. */
  readonly exec: boolean;
  /** `get pods/log`: proof (b). */
  readonly logs: boolean;
}

/** One cluster, as it was found. */
export interface Side {
  /** The context, as the user named it. */
  readonly cluster: string;
  /** URL of its API server. */
  readonly server: string;
  /** What makes it this cluster and no other: the uid of kube-system, or what authenticates it. */
  readonly identity: string;
  readonly trustDomain: TrustDomain;
  /** The domain of its default ingress; `undefined` where it may not be read. */
  readonly ingressDomain: string | undefined;
  /** The class that its spire-controller-manager minds. */
  readonly className: string;
  /** SPIRE's version, where it could be read. */
  readonly version: string | undefined;
  /** `undefined` when SpireServer has no `spec.federation`: there is no endpoint. */
  readonly endpoint: EndpointParameters | undefined;
  /** Whether a router has admitted the endpoint's route; `undefined` when it may not be read. */
  readonly admitted: boolean | undefined;
  /** resourceVersion of SpireServer, to lock a change with. */
  readonly spireServerVersion: string | undefined;
  /** `spec.federation.federatesWith`: peers in the server's static configuration. */
  readonly staticPeers: readonly StaticPeer[];
  /** Every ClusterFederatedTrustDomain, of whatever class. */
  readonly declared: readonly ClusterFederatedTrustDomain[];
  /** Those of them that could not be read, by name. */
  readonly unreadable: readonly { readonly name: string; readonly problem: string }[];
  readonly roots: ApiRoots;
  readonly allowed: Allowed;
}

/** What a SPIRE server stores for a peer's trust domain. */
export type Stored =
  /** Nobody may look: there is no permission to exec. */
  | { readonly state: "unknown" }
  | { readonly state: "absent" }
  | { readonly state: "present"; readonly bundle: Bundle };

/** A peer's bundle, known to be the peer's. */
export interface Vouched {
  readonly bundle: Bundle;
  /** Where its bytes came from: the endpoint's URL, or the API. */
  readonly source: string;
  /** The certificates that authenticated the endpoint; empty when it was not spoken to. */
  readonly chain: readonly Uint8Array[];
  /** What there is to say of the document as it was served; no errors among it. */
  readonly problems: readonly Problem[];
}
