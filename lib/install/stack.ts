/**
 * The parts of an installation by name.
 *
 * @module
 */
import { asFound } from "../../manifests/as_found.ts";
import type { Manifest, Resource } from "../../manifests/manifest.ts";
import {
  SPIFFE_CSI_DRIVERS,
  SPIRE_AGENTS,
  SPIRE_OIDC_DISCOVERY_PROVIDERS,
} from "../../manifests/operands.ts";
import { SPIRE_SERVERS } from "../../manifests/spire_server.ts";
import { ZERO_TRUST_WORKLOAD_IDENTITY_MANAGERS } from "../../manifests/zero_trust_workload_identity_manager.ts";

/** The Deployment of the operator. */
export const OPERATOR_DEPLOYMENT = "zero-trust-workload-identity-manager-controller-manager";

/** The five kinds of the stack in the order in which they are made, each read whole. */
export const STACK: ReadonlyMap<string, Resource<Manifest>> = new Map(
  [
    ZERO_TRUST_WORKLOAD_IDENTITY_MANAGERS,
    SPIRE_SERVERS,
    SPIRE_AGENTS,
    SPIFFE_CSI_DRIVERS,
    SPIRE_OIDC_DISCOVERY_PROVIDERS,
  ].map((resource) => [resource.kind, asFound(resource)]),
);
