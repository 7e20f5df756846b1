/**
 * Stand-in: the custom resource definitions of operator.openshift.io/v1alpha1 whose
 * module cannot be had. Fields, limits, patterns, immutability and CEL rules are
 * those of the operator's release 1.0; descriptions are left out.
 *
 * @module
 */
import type { KubernetesObject } from "../api.ts";

type Schema = Readonly<Record<string, unknown>>;

const object = (properties: Readonly<Record<string, Schema>>, more: Schema = {}): Schema => ({
  type: "object",
  properties,
  ...more,
});
const text = (more: Schema = {}): Schema => ({ type: "string", ...more });
const integer = (minimum: number, maximum: number, more: Schema = {}): Schema => ({
  type: "integer",
  format: "int32",
  minimum,
  maximum,
  ...more,
});
const oneOf = (values: readonly string[], fallback?: string): Schema => ({
  type: "string",
  enum: values,
  ...(fallback === undefined ? {} : { default: fallback }),
});
/** The operator spells its booleans as strings. */
const flag = (fallback?: "true" | "false"): Schema => oneOf(["true", "false"], fallback);
const rules = (...pairs: readonly (readonly [rule: string, message: string])[]): Schema => ({
  "x-kubernetes-validations": pairs.map(([rule, message]) => ({ rule, message })),
});
const fixed = (name: string): Schema => rules(["self == oldSelf", `${name} is immutable`]);
const open: Schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

const COMMON: Readonly<Record<string, Schema>> = {
  labels: { type: "object", maxProperties: 64, additionalProperties: { type: "string" } },
  resources: open,
  affinity: open,
  tolerations: { type: "array", maxItems: 50, items: open },
  nodeSelector: { type: "object", maxProperties: 50, additionalProperties: { type: "string" } },
};
const LOGGING: Readonly<Record<string, Schema>> = {
  logLevel: oneOf(["debug", "info", "warn", "error"], "info"),
  logFormat: oneOf(["text", "json"], "text"),
};
const ISSUER = text({ maxLength: 512, pattern: "^(?i)https?://[^\\s?#]+$" });
const KEY_TYPES = ["rsa-2048", "rsa-4096", "ec-p256", "ec-p384"];

const MANAGER = object({
  trustDomain: text({
    minLength: 1,
    maxLength: 255,
    pattern: "^[a-z0-9]([a-z0-9\\-\\.]*[a-z0-9])?$",
    ...fixed("trustDomain"),
  }),
  clusterName: text({
    minLength: 1,
    maxLength: 63,
    pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
    ...fixed("clusterName"),
  }),
  bundleConfigMap: text({
    minLength: 1,
    maxLength: 253,
    default: "spire-bundle",
    ...fixed("bundleConfigMap"),
  }),
}, { required: ["trustDomain", "clusterName"] });

const HTTPS_WEB = object(
  {
    acme: object({
      directoryUrl: text({ pattern: "^https://.*" }),
      domainName: text(),
      email: text({ pattern: "^[^@\\s]+@[^@\\s]+$" }),
      tosAccepted: flag("false"),
    }, { required: ["directoryUrl", "domainName", "email"] }),
    servingCert: object({
      fileSyncInterval: integer(3600, 7_776_000, { default: 86_400 }),
      externalSecretRef: text(),
    }),
  },
  rules(
    ["has(self.acme) != has(self.servingCert)", "exactly one of acme or servingCert must be set"],
    ["has(self.acme) == has(oldSelf.acme)", "cannot switch between acme and servingCert"],
  ),
);

const FEDERATION = object({
  bundleEndpoint: object(
    {
      profile: {
        ...oneOf(["https_spiffe", "https_web"], "https_spiffe"),
        ...rules(["self == oldSelf", "profile is immutable and cannot be changed once set"]),
      },
      refreshHint: integer(60, 3600, { default: 300 }),
      httpsWeb: HTTPS_WEB,
    },
    rules(
      ["self.profile != 'https_web' || has(self.httpsWeb)", "httpsWeb is required for https_web"],
    ),
  ),
  federatesWith: {
    type: "array",
    minItems: 1,
    maxItems: 50,
    items: object({
      trustDomain: text({ maxLength: 255, pattern: "^[a-z0-9._-]{1,255}$" }),
      bundleEndpointUrl: text({ maxLength: 2048, pattern: "^https://.*" }),
      bundleEndpointProfile: oneOf(["https_spiffe", "https_web"], "https_spiffe"),
      endpointSpiffeId: text({ maxLength: 2048, pattern: "^spiffe://.*" }),
    }, {
      required: ["trustDomain", "bundleEndpointUrl", "bundleEndpointProfile"],
      ...rules([
        "self.bundleEndpointProfile != 'https_spiffe' || (has(self.endpointSpiffeId) && self.endpointSpiffeId != '')",
        "endpointSpiffeId is required when bundleEndpointProfile is https_spiffe",
      ]),
    }),
  },
  managedRoute: flag("true"),
}, { required: ["bundleEndpoint"] });

const SERVER = object({
  ...COMMON,
  ...LOGGING,
  jwtIssuer: ISSUER,
  caValidity: text({ default: "24h" }),
  defaultX509Validity: text({ default: "1h" }),
  defaultJWTValidity: text({ default: "5m" }),
  caKeyType: oneOf(KEY_TYPES, "rsa-2048"),
  jwtKeyType: oneOf(KEY_TYPES),
  keyManager: object({ diskEnabled: flag("true"), memoryEnabled: flag("false") }),
  caSubject: object({
    country: text({ maxLength: 2 }),
    organization: text({ maxLength: 64 }),
    commonName: text({ maxLength: 255 }),
  }),
  persistence: object({
    size: text({ pattern: "^[1-9][0-9]*Gi$", default: "1Gi", ...fixed("size") }),
    accessMode: {
      ...oneOf(["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"], "ReadWriteOnce"),
      ...fixed("accessMode"),
    },
    storageClass: text({ default: "", ...fixed("storageClass") }),
  }),
  datastore: object({
    databaseType: oneOf(
      ["sql", "sqlite3", "postgres", "mysql", "aws_postgresql", "aws_mysql"],
      "sqlite3",
    ),
    connectionString: text({
      minLength: 1,
      maxLength: 2048,
      default: "/run/spire/data/datastore.sqlite3",
    }),
    tlsSecretName: text(),
    maxOpenConns: integer(1, 10_000, { default: 100 }),
    maxIdleConns: integer(0, 10_000, { default: 2 }),
    connMaxLifetime: { type: "integer", minimum: 0 },
    disableMigration: flag("false"),
  }),
  federation: FEDERATION,
}, {
  required: ["caSubject", "datastore", "jwtIssuer", "persistence"],
  ...rules([
    "!has(oldSelf.federation) || has(self.federation)",
    "Federation configuration cannot be removed once set",
  ]),
});

const AGENT = object({
  ...COMMON,
  ...LOGGING,
  socketPath: text({
    maxLength: 256,
    pattern: "^/[a-zA-Z0-9._/\\-]*$",
    default: "/run/spire/agent-sockets",
  }),
  nodeAttestor: object({ k8sPSATEnabled: flag("true") }),
  workloadAttestors: object({
    k8sEnabled: flag("true"),
    workloadAttestorsVerification: object({
      type: oneOf(["auto", "hostCert", "skip"], "auto"),
      hostCertBasePath: text(),
      hostCertFileName: text(),
    }),
    disableContainerSelectors: flag("false"),
    useNewContainerLocator: flag("true"),
  }),
});

const CSI_DRIVER = object({
  ...COMMON,
  agentSocketPath: text({ default: "/run/spire/agent-sockets" }),
  pluginName: text({ maxLength: 127, default: "csi.spiffe.io" }),
});

const OIDC_PROVIDER = object({
  ...COMMON,
  ...LOGGING,
  csiDriverName: text({ default: "csi.spiffe.io" }),
  jwtIssuer: ISSUER,
  replicaCount: integer(1, 5, { default: 1 }),
  managedRoute: flag("true"),
  externalSecretRef: text(),
}, { required: ["jwtIssuer"] });

function definition(kind: string, plural: string, spec: Schema): KubernetesObject {
  const group = "operator.openshift.io";
  const names = { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names,
      scope: "Cluster",
      versions: [{
        name: "v1alpha1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: object({
            apiVersion: text(),
            kind: text(),
            metadata: { type: "object" },
            spec,
            status: open,
          }, rules(["self.metadata.name == 'cluster'", `${kind} is a singleton, named 'cluster'`])),
        },
      }],
    },
  };
}

/** The five kinds; each is a cluster-scoped singleton with a status of its own. */
export const OPERATOR_DEFINITIONS: readonly KubernetesObject[] = [
  definition(
    "ZeroTrustWorkloadIdentityManager",
    "zerotrustworkloadidentitymanagers",
    MANAGER,
  ),
  definition("SpireServer", "spireservers", SERVER),
  definition("SpireAgent", "spireagents", AGENT),
  definition("SpiffeCSIDriver", "spiffecsidrivers", CSI_DRIVER),
  definition("SpireOIDCDiscoveryProvider", "spireoidcdiscoveryproviders", OIDC_PROVIDER),
];
