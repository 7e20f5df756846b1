/**
 * What an installation consists of, as objects: what the user says, else what is there,
 * else what follows from the cluster. Pure.
 *
 * @module
 */
import { MARKETPLACE_NAMESPACE } from "../../manifests/catalog_source.ts";
import { MANAGED_BY, type Manifest, OPERATOR_NAMESPACE } from "../../manifests/manifest.ts";
import { proxyInForce } from "../../manifests/openshift_config.ts";
import { isRecord, type RawObject } from "../../manifests/raw_object.ts";
import { OPERATOR_PACKAGE, TRUSTED_CA_BUNDLE_CONFIGMAP } from "../../manifests/subscription.ts";
import { type ClusterFacts, DEFAULT_SOURCE } from "./facts.ts";
import { itemsOf, valueOf } from "./reading.ts";
import type { InstallSettings } from "./settings.ts";

/** An installation on one cluster. */
export interface Wanted {
  readonly trustDomain: string;
  readonly clusterName: string;
  readonly channel: string;
  readonly source: string;
  /** Namespace, the proxy's CA where there is a proxy, OperatorGroup, Subscription. */
  readonly operator: readonly Manifest[];
  /** The five objects of the stack, in order. */
  readonly stack: readonly Manifest[];
}

/** The parts of an installation. */
export type Part = "operator" | "stack" | "endpoint";

/** What the facts decide by. */
type Facts = Pick<
  ClusterFacts,
  "ingress" | "proxy" | "offer" | "stack" | "subscriptions" | "groups"
>;

/** The ConfigMap into which OpenShift puts the CA of its proxy. */
export const TRUSTED_CA = "oc-spirefed-trusted-ca";

/** The objects wanted, or `undefined` where nothing says what to call the trust domain. */
export function wantedOf(
  settings: InstallSettings,
  facts: Facts,
  parts: readonly Part[],
): Wanted | undefined {
  const ingress = valueOf(facts.ingress)?.spec.domain || undefined;
  const manager = specOf(facts, "ZeroTrustWorkloadIdentityManager");
  const trustDomain = settings.trustDomain ?? text(manager?.["trustDomain"]) ?? ingress;
  if (trustDomain === undefined) return undefined;
  const clusterName = settings.clusterName ?? text(manager?.["clusterName"]) ??
    clusterNameFrom(ingress ?? trustDomain);
  const channel = settings.channel ??
    (valueOf(facts.offer)?.status.defaultChannel || DEFAULT_CHANNEL);
  const source = settings.source ?? DEFAULT_SOURCE;
  const subscription = { channel, source };
  return {
    trustDomain,
    clusterName,
    ...subscription,
    operator: operatorObjects(settings, facts, subscription),
    stack: stackObjects(settings, facts, {
      trustDomain,
      clusterName,
      issuer: `https://oidc-discovery.${ingress ?? trustDomain}`,
      endpoint: parts.includes("endpoint"),
    }),
  };
}

/** Red Hat's, where the catalog names no default. */
const DEFAULT_CHANNEL = "stable-v1";

/**
 * The name that OpenShift's own installer gave the cluster: it stands in
 * `apps.<name>.<base domain>`. A context's name would differ from user to user, and the
 * name can never be changed.
 */
function clusterNameFrom(domain: string): string {
  const labels = domain.split(".");
  const name = labels[0] === "apps" ? labels[1] ?? "" : labels[0] ?? "";
  return name.slice(0, 63);
}

function operatorObjects(
  settings: InstallSettings,
  { proxy, subscriptions, groups }: Facts,
  { channel, source }: { readonly channel: string; readonly source: string },
): readonly Manifest[] {
  const namespace = OPERATOR_NAMESPACE;
  const proxied = proxyInForce(valueOf(proxy)) !== undefined;
  const held = itemsOf(subscriptions).find(({ spec }) => spec.name === OPERATOR_PACKAGE);
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: namespace,
        labels: { ...MANAGED_BY, "openshift.io/cluster-monitoring": "true" },
      },
    },
    ...(proxied && held === undefined ? [trustedCa()] : []),
    // A second one would keep every operator of the namespace from being installed.
    ...(itemsOf(groups).length > 0 ? [] : [{
      apiVersion: "operators.coreos.com/v1",
      kind: "OperatorGroup",
      metadata: { name: `${namespace}-og`, namespace, labels: MANAGED_BY },
      spec: { upgradeStrategy: "Default" },
    }]),
    {
      apiVersion: "operators.coreos.com/v1alpha1",
      kind: "Subscription",
      metadata: { name: held?.metadata.name ?? OPERATOR_PACKAGE, namespace, labels: MANAGED_BY },
      spec: {
        name: OPERATOR_PACKAGE,
        source: settings.source ?? (held?.spec.source || source),
        sourceNamespace: settings.sourceNamespace ??
          (held?.spec.sourceNamespace || MARKETPLACE_NAMESPACE),
        channel: settings.channel ?? held?.spec.channel ?? channel,
        installPlanApproval: approvalOf(settings) ?? held?.spec.installPlanApproval ?? "Automatic",
        // Where an installation starts matters once.
        ...(settings.startingCSV === undefined || held !== undefined
          ? {}
          : { startingCSV: settings.startingCSV }),
        ...(proxied && held === undefined
          ? { config: { env: [{ name: TRUSTED_CA_BUNDLE_CONFIGMAP, value: TRUSTED_CA }] } }
          : {}),
      },
    },
  ];
}

function approvalOf({ approval }: InstallSettings): "Manual" | "Automatic" | undefined {
  return approval && (approval === "manual" ? "Manual" : "Automatic");
}

/** OpenShift fills in the data of a ConfigMap with this label. */
function trustedCa(): Manifest {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: TRUSTED_CA,
      namespace: OPERATOR_NAMESPACE,
      labels: { ...MANAGED_BY, "config.openshift.io/inject-trusted-cabundle": "true" },
    },
  };
}

function stackObjects(
  settings: InstallSettings,
  facts: Facts,
  { trustDomain, clusterName, issuer, endpoint }: {
    readonly trustDomain: string;
    readonly clusterName: string;
    readonly issuer: string;
    readonly endpoint: boolean;
  },
): readonly Manifest[] {
  const oidc = specOf(facts, "SpireOIDCDiscoveryProvider");
  const server = specOf(facts, "SpireServer");
  const jwtIssuer = (held: RawObject | undefined): string =>
    settings.jwtIssuer ?? text(held?.["jwtIssuer"]) ?? text(server?.["jwtIssuer"]) ?? issuer;
  return [
    operand("ZeroTrustWorkloadIdentityManager", { trustDomain, clusterName }),
    operand("SpireServer", {
      jwtIssuer: jwtIssuer(server),
      caSubject: fill(settings.caSubject, server?.["caSubject"], {
        // SPIRE's own defaults; X.520 allows 64 characters for a common name.
        country: "US",
        organization: "SPIFFE",
        commonName: trustDomain.length <= 64 ? trustDomain : clusterName,
      }),
      persistence: fill(settings.persistence, server?.["persistence"], {
        size: "1Gi",
        accessMode: "ReadWriteOnce",
      }),
      ...(server === undefined ? { datastore: { databaseType: "sqlite3" } } : {}),
      ...(endpoint ? { federation: federationOf(settings, server?.["federation"]) } : {}),
    }),
    operand("SpireAgent", specOf(facts, "SpireAgent") === undefined ? AGENT : {}),
    operand("SpiffeCSIDriver", {}),
    operand("SpireOIDCDiscoveryProvider", { jwtIssuer: jwtIssuer(oidc) }),
  ];
}

/** Without both attestors agents neither start nor attest anything. */
const AGENT = {
  nodeAttestor: { k8sPSATEnabled: "true" },
  workloadAttestors: { k8sEnabled: "true", workloadAttestorsVerification: { type: "auto" } },
};

function federationOf({ refreshHint }: InstallSettings, held: unknown): RawObject {
  if (held === undefined) {
    return {
      bundleEndpoint: { profile: "https_spiffe", refreshHint: refreshHint ?? 300 },
      managedRoute: "true",
    };
  }
  return refreshHint === undefined ? {} : { bundleEndpoint: { refreshHint } };
}

/** What is said goes before what is there; defaults are for what is not there at all. */
function fill(
  said: Readonly<Record<string, unknown>> | undefined,
  held: unknown,
  defaults: Readonly<Record<string, unknown>>,
): RawObject {
  return { ...(isRecord(held) ? held : defaults), ...said };
}

function operand(kind: string, spec: RawObject): Manifest {
  return {
    apiVersion: "operator.openshift.io/v1alpha1",
    kind,
    metadata: { name: "cluster", labels: MANAGED_BY },
    spec,
  };
}

function specOf({ stack }: Pick<Facts, "stack">, kind: string): RawObject | undefined {
  const found = stack.get(kind);
  const spec = found === undefined ? undefined : valueOf(found)?.["spec"];
  return isRecord(spec) ? spec : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
