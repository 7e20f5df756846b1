/**
 * What the practice API servers refuse: the schema rules and transition rules of the
 * operator's and the controller's custom resources, one named predicate each.
 *
 * There is no webhook among them on purpose: with the operator, the controller's
 * webhook has no endpoints and its failure is ignored, so nonsense is accepted and
 * only logged.
 *
 * @module
 */
import { isFields, sameJson } from "./field_owners.ts";
import type { Kind } from "./kinds.ts";

/** A field that is not as it must be. */
export interface Violation {
  readonly field: string;
  readonly message: string;
}

type Fields = Readonly<Record<string, unknown>>;
type Rule = (object: Fields, old: Fields | undefined) => Violation | undefined;

/** A value by its dotted path. */
export function at(object: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>(
    (value, name) => isFields(value) ? value[name] : undefined,
    object,
  );
}

/** A member of what is not there itself is not missed. */
const required = (field: string): Rule => (object) =>
  at(object, field) === undefined && at(object, field.replace(/\.\w+$/, "")) !== undefined
    ? { field, message: "Required value" }
    : undefined;

const immutable = (field: string, message: string): Rule => (object, old) =>
  old !== undefined && at(old, field) !== undefined && !sameJson(at(object, field), at(old, field))
    ? { field, message: `Invalid value: ${message}` }
    : undefined;

const matches = (field: string, pattern: RegExp): Rule => (object) => {
  const value = at(object, field);
  return value === undefined || (typeof value === "string" && pattern.test(value)) ? undefined : {
    field,
    message: `Invalid value: ${
      JSON.stringify(value)
    }: ${field} in body should match '${pattern.source}'`,
  };
};

const oneOf = (field: string, allowed: readonly string[]): Rule => (object) => {
  const value = at(object, field);
  if (value === undefined || allowed.includes(String(value))) return undefined;
  const names = allowed.map((name) => `"${name}"`).join(", ");
  return {
    field,
    message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${names}`,
  };
};

const between = (field: string, least: number, most: number): Rule => (object) => {
  const value = at(object, field);
  if (value === undefined || (typeof value === "number" && value >= least && value <= most)) {
    return undefined;
  }
  return {
    field,
    message: `Invalid value: ${JSON.stringify(value)}: ${field} in body should be ` +
      `greater than or equal to ${least} and less than or equal to ${most}`,
  };
};

const singleton: Rule = (object) =>
  at(object, "metadata.name") === "cluster" ? undefined : {
    field: "metadata.name",
    message: "Invalid value: the object is a singleton, .metadata.name must be 'cluster'",
  };

const FEDERATION = "spec.federation";
const ENDPOINT = `${FEDERATION}.bundleEndpoint`;
const PEERS = `${FEDERATION}.federatesWith`;

/** Once the endpoint is there it cannot be taken away by an edit. */
const federationStays: Rule = (object, old) =>
  at(old, FEDERATION) !== undefined && at(object, FEDERATION) === undefined
    ? {
      field: "spec",
      message: "Invalid value: Federation configuration cannot be removed once set",
    }
    : undefined;

const peersCount: Rule = (object) => {
  const peers = at(object, PEERS);
  if (peers === undefined) return undefined;
  const count = Array.isArray(peers) ? peers.length : 0;
  if (count < 1) {
    return {
      field: PEERS,
      message: `Invalid value: 0: ${PEERS} in body should have at least 1 items`,
    };
  }
  return count <= 50
    ? undefined
    : { field: PEERS, message: `Too many: ${count}: must have at most 50 items` };
};

const eachPeer = (name: string, pattern: RegExp): Rule => (object) => {
  const peers = at(object, PEERS);
  if (!Array.isArray(peers)) return undefined;
  const wrong = peers.findIndex((peer) => !pattern.test(String(at(peer, name) ?? "")));
  return wrong < 0 ? undefined : {
    field: `${PEERS}[${wrong}].${name}`,
    message: `Invalid value: should match '${pattern.source}'`,
  };
};

/** The endpoint's SPIFFE ID is needed where it is what authenticates. */
const peersHaveId: Rule = (object) => {
  const peers = at(object, PEERS);
  if (!Array.isArray(peers)) return undefined;
  const wrong = peers.findIndex((peer) =>
    at(peer, "bundleEndpointProfile") === "https_spiffe" &&
    at(peer, "endpointSpiffeId") === undefined
  );
  return wrong < 0 ? undefined : {
    field: `${PEERS}[${wrong}]`,
    message:
      "Invalid value: endpointSpiffeId is required when bundleEndpointProfile is https_spiffe",
  };
};

/** A field that a certificate from Web PKI needs, and only that. */
const webNeedsCertificate: Rule = (object) =>
  at(object, `${ENDPOINT}.profile`) === "https_web" &&
    at(object, `${ENDPOINT}.httpsWeb`) === undefined
    ? { field: ENDPOINT, message: "Invalid value: httpsWeb is required when profile is https_web" }
    : undefined;

const BOOLEAN = ["true", "false"];

/** By kind. Patterns without anchors are so in the definitions, too. */
const RULES: Readonly<Record<string, readonly Rule[]>> = {
  ZeroTrustWorkloadIdentityManager: [
    singleton,
    required("spec.trustDomain"),
    required("spec.clusterName"),
    matches("spec.trustDomain", /^[a-z0-9]([a-z0-9\-.]*[a-z0-9])?$/),
    immutable("spec.trustDomain", "trustDomain is immutable and cannot be changed"),
    immutable("spec.clusterName", "clusterName is immutable and cannot be changed"),
    immutable("spec.bundleConfigMap", "bundleConfigMap is immutable and cannot be changed"),
  ],
  SpireServer: [
    singleton,
    required("spec.jwtIssuer"),
    required("spec.caSubject"),
    required("spec.datastore"),
    required("spec.persistence"),
    matches("spec.persistence.size", /^[1-9][0-9]*Gi$/),
    oneOf("spec.persistence.accessMode", ["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"]),
    federationStays,
    immutable(`${ENDPOINT}.profile`, "profile is immutable and cannot be changed once set"),
    oneOf(`${ENDPOINT}.profile`, ["https_spiffe", "https_web"]),
    between(`${ENDPOINT}.refreshHint`, 60, 3600),
    webNeedsCertificate,
    oneOf(`${FEDERATION}.managedRoute`, BOOLEAN),
    peersCount,
    eachPeer("trustDomain", /^[a-z0-9._-]{1,255}$/),
    eachPeer("bundleEndpointUrl", /^https:\/\/.*/),
    eachPeer("bundleEndpointProfile", /^https_(spiffe|web)$/),
    peersHaveId,
    immutable("spec.persistence", "persistence is immutable"),
  ],
  ClusterFederatedTrustDomain: [
    required("spec.bundleEndpointProfile"),
    required("spec.bundleEndpointProfile.type"),
    required("spec.bundleEndpointURL"),
    required("spec.trustDomain"),
    matches("spec.trustDomain", /[a-z0-9._-]{1,255}/),
    oneOf("spec.bundleEndpointProfile.type", ["https_spiffe", "https_web"]),
  ],
  ClusterSPIFFEID: [required("spec.spiffeIDTemplate")],
  SpireAgent: [singleton],
  SpiffeCSIDriver: [singleton],
  SpireOIDCDiscoveryProvider: [singleton, required("spec.jwtIssuer")],
  ClusterStaticEntry: [
    required("spec.spiffeID"),
    required("spec.parentID"),
    required("spec.selectors"),
  ],
};

/** What of an object the API server refuses. */
export function violationsOf(
  kind: Kind,
  object: Fields,
  old: Fields | undefined,
): readonly Violation[] {
  return (RULES[kind.kind] ?? []).map((rule) => rule(object, old)).filter((found) =>
    found !== undefined
  );
}

/** Members of `spec` that the kind does not know; strict writes are refused for them. */
export function unknownFields(kind: Kind, object: Fields): readonly string[] {
  const spec = object["spec"];
  if (kind.specFields === undefined || !isFields(spec)) return [];
  const unknown = Object.keys(spec).filter((name) => !kind.specFields?.includes(name));
  const nested = Object.entries(kind.nestedFields ?? {}).flatMap(([member, known]) => {
    const inner = spec[member];
    const names = isFields(inner) ? Object.keys(inner) : [];
    return names.filter((name) => !known.includes(name)).map((name) => `${member}.${name}`);
  });
  return [...unknown, ...nested].map((name) => `spec.${name}`);
}
