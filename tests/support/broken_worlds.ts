/**
 * A corpus: every failure mode that is known, staged alone on a federation that works, with
 * the check that must name it first. And worlds that are unusual and healthy, where nothing
 * may be named at all.
 *
 * @module
 */
import { kindOf, storeKey } from "../../sandbox/kinds.ts";
import { logged } from "../../sandbox/model.ts";
import { servedBundle } from "../../sandbox/network.ts";
import { type Manifest, OPERATOR_NAMESPACE } from "../../manifests/manifest.ts";
import {
  answering,
  change,
  declarationOf,
  declaredByHand,
  federated,
  frozenBody,
  holding,
  impostor,
  objectIn,
  patched,
  replacedCa,
  restarted,
  rotating,
  routerDown,
  skewed,
  staticPeer,
  storing,
  withoutExec,
  withoutKind,
} from "./ailments.ts";
import type { PracticeOptions, Workshop, WorldPatch } from "./practice.ts";

/** One way in which a federation can be ill. */
export interface BrokenWorld {
  /** Of the catalogue of failure modes: `F35`; other ones have names. */
  readonly id: string;
  readonly what: string;
  /** The checks one of which must be named first. */
  readonly names: readonly string[];
  readonly patch: readonly WorldPatch[];
  readonly clusters?: PracticeOptions["clusters"];
}

const OLM = "operators.coreos.com/v1alpha1";
const ZTWIM = "operator.openshift.io/v1alpha1";
const SPIRE = "spire.spiffe.io/v1alpha1";
const CSV = "zero-trust-workload-identity-manager.v1.0.1";

/** Changes an object where it stands, as if its controller had; nobody reacts to it. */
function edited(
  name: string,
  plural: string,
  object: string,
  edit: (manifest: Record<string, unknown>) => Record<string, unknown>,
  namespace?: string,
): WorldPatch {
  return change(name, ({ objects }) => {
    const key = storeKey(plural, object, namespace);
    const held = objects.get(key);
    if (held === undefined) throw new Error(`${name} has no ${plural}/${object}`);
    const manifest = edit(structuredClone(held.manifest) as Record<string, unknown>) as Manifest;
    return { objects: new Map(objects).set(key, { ...held, manifest }) };
  });
}

/** An object that is simply there. */
function planted(name: string, manifest: Manifest): WorldPatch {
  return change(name, ({ objects }) => {
    const kind = kindOf(manifest);
    if (kind === undefined) throw new Error(`no kind ${manifest.kind}`);
    const { name: object, namespace } = manifest.metadata;
    const key = storeKey(kind.plural, object, namespace);
    return { objects: new Map(objects).set(key, { manifest, owners: new Map() }) };
  });
}

const withStatus = (status: Record<string, unknown>) => (manifest: Record<string, unknown>) => ({
  ...manifest,
  status: { ...manifest["status"] as object, ...status },
});
const withSpec = (spec: Record<string, unknown>) => (manifest: Record<string, unknown>) => ({
  ...manifest,
  spec: { ...manifest["spec"] as object, ...spec },
});

function subscription(
  { objects }: { objects: ReadonlyMap<string, { manifest: Manifest }> },
): string {
  const found = [...objects.values()].find(({ manifest }) => manifest.kind === "Subscription");
  if (found === undefined) throw new Error("no Subscription");
  return found.manifest.metadata.name;
}

/** The operator was never installed as far as its ClusterServiceVersion. */
function notInstalled(...conditions: readonly Record<string, unknown>[]): readonly WorldPatch[] {
  return [
    change("east", ({ objects }) => ({
      objects: new Map(
        [...objects].filter(([, { manifest }]) => manifest.kind !== "ClusterServiceVersion"),
      ),
    })),
    onSubscription(...conditions),
  ];
}

function onSubscription(...conditions: readonly Record<string, unknown>[]): WorldPatch {
  return (workshop) =>
    edited(
      "east",
      "subscriptions",
      subscription(workshop.mount.cluster("east")),
      withStatus({ conditions }),
      OPERATOR_NAMESPACE,
    )(workshop);
}

const conditionsOf = (...conditions: readonly (readonly [string, string, string, string])[]) =>
  withStatus({
    conditions: conditions.map(([type, status, reason, message]) => ({
      type,
      status,
      reason,
      message,
    })),
  });

function operand(
  plural: string,
  ...conditions: readonly (readonly [string, string, string, string])[]
): WorldPatch {
  return edited("east", plural, "cluster", conditionsOf(...conditions));
}

function event(reason: string, message: string, object: readonly [string, string]): WorldPatch {
  const [kind, name] = object;
  return planted("east", {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${name}.${reason.toLowerCase()}`, namespace: OPERATOR_NAMESPACE },
    type: "Warning",
    reason,
    message,
    involvedObject: { kind, name },
  });
}

function pod(name: string, status: Record<string, unknown>, labels = {}): WorldPatch {
  return planted("east", {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: OPERATOR_NAMESPACE, labels },
    spec: {},
    status,
  });
}

function waiting(container: string, reason: string, message = "back-off"): Record<string, unknown> {
  return {
    name: container,
    ready: false,
    restartCount: 7,
    state: { waiting: { reason, message } },
  };
}

function saying(container: string, text: string): WorldPatch {
  return (workshop) =>
    change("east", ({ spire }) => ({
      spire: logged(spire, { at: workshop.mount.now, container, text }),
    }))(workshop);
}

const daemonSet = (name: string, numberReady: number): WorldPatch =>
  edited(
    "east",
    "daemonsets",
    name,
    withStatus({ desiredNumberScheduled: 3, numberReady }),
    OPERATOR_NAMESPACE,
  );

const serverDown: readonly WorldPatch[] = [
  edited(
    "east",
    "statefulsets",
    "spire-server",
    withStatus({ readyReplicas: 0 }),
    OPERATOR_NAMESPACE,
  ),
];

const egress = (kind: "dns" | "timeout" | "proxy" | "inspection"): WorldPatch =>
  change("east", ({ network }) => ({ network: { ...network, egress: kind } }));

/** Long enough for the next poll to fail, or to succeed. */
const polled: WorldPatch = ({ clockwork }) => clockwork.advance(80_000);
const settled: WorldPatch = ({ clockwork }) => clockwork.advance(2_000);

const cfdt = (name: string, spec: Record<string, unknown>): WorldPatch =>
  patched("east", { kind: "ClusterFederatedTrustDomain", apiVersion: SPIRE, name }, { spec });

/** East declares west so, and west declares east as it should. */
const declaring = (spec: Record<string, unknown>): readonly WorldPatch[] => [
  declaredByHand("east", "west", "federation-to-west", spec),
  declaredByHand("west", "east", "federation-to-east"),
  settled,
  polled,
];

const spiffeId = (
  spec: Record<string, unknown>,
  stats?: Record<string, unknown>,
): WorldPatch =>
  planted("east", {
    apiVersion: SPIRE,
    kind: "ClusterSPIFFEID",
    metadata: { name: "shop", uid: "shop-uid" },
    spec: {
      spiffeIDTemplate: "spiffe://{{ .TrustDomain }}/ns/shop/sa/shop",
      className: "zero-trust-workload-identity-manager-spire",
      ...spec,
    },
    ...(stats === undefined ? {} : { status: { stats } }),
  });

const federation = federated("east", "west");

/** CAs of west rotate until nothing that east was given once is left, east following. */
const rotatedThrough: readonly WorldPatch[] = [
  rotating("west", "prepare"),
  polled,
  rotating("west", "activate"),
  polled,
  rotating("west", "revoke"),
  polled,
];

function withBody(edit: (document: Record<string, unknown>) => unknown): WorldPatch {
  return (workshop) => {
    const body = JSON.parse(servedBundle(workshop.mount.cluster("west").spire));
    answering("west", { body: JSON.stringify(edit(body)) })(workshop);
  };
}

/** All that can be staged. */
export const BROKEN_WORLDS: readonly BrokenWorld[] = [
  {
    id: "F1",
    what: "the catalog is not ready",
    names: ["olm/catalog"],
    patch: [
      federation,
      ...notInstalled({ type: "CatalogSourcesUnhealthy", status: "True", message: "no catalog" }),
      edited(
        "east",
        "catalogsources",
        "redhat-operators",
        withStatus({ connectionState: { lastObservedState: "TRANSIENT_FAILURE" } }),
        "openshift-marketplace",
      ),
    ],
  },
  {
    id: "F2",
    what: "the channel does not exist",
    names: ["olm/resolution"],
    patch: [
      federation,
      ...notInstalled({
        type: "ResolutionFailed",
        status: "True",
        reason: "ConstraintsNotSatisfiable",
        message: "no operators found in channel beta",
      }),
    ],
  },
  {
    id: "F3",
    what: "two OperatorGroups",
    names: ["olm/operator-group"],
    patch: [
      federation,
      planted("east", {
        apiVersion: "operators.coreos.com/v1",
        kind: "OperatorGroup",
        metadata: { name: "zz-second", namespace: OPERATOR_NAMESPACE },
        spec: {},
      }),
      edited(
        "east",
        "clusterserviceversions",
        CSV,
        withStatus({
          phase: "Failed",
          reason: "TooManyOperatorGroups",
          message: "csv created in namespace with multiple operatorgroups",
        }),
        OPERATOR_NAMESPACE,
      ),
    ],
  },
  {
    id: "F4",
    what: "no OperatorGroup",
    names: ["olm/operator-group"],
    patch: [
      federation,
      change("east", ({ objects }) => ({
        objects: new Map(
          [...objects].filter(([, { manifest }]) => manifest.kind !== "OperatorGroup"),
        ),
      })),
      edited(
        "east",
        "clusterserviceversions",
        CSV,
        withStatus({
          phase: "Failed",
          reason: "NoOperatorGroup",
          message: "csv in namespace with no operatorgroups",
        }),
        OPERATOR_NAMESPACE,
      ),
    ],
  },
  {
    id: "F5",
    what: "an InstallPlan waits for approval",
    names: ["olm/approval"],
    patch: [
      federation,
      ...notInstalled({ type: "InstallPlanPending", status: "True", reason: "RequiresApproval" }),
    ],
  },
  {
    id: "F6",
    what: "the operator's bundle cannot be unpacked",
    names: ["olm/unpack"],
    patch: [
      federation,
      ...notInstalled({
        type: "BundleUnpackFailed",
        status: "True",
        reason: "BundleUnpackFailed",
        message: "bundle unpacking failed: pull access denied",
      }),
    ],
  },
  {
    id: "F7",
    what: "the operator's pod does not start",
    names: ["olm/csv"],
    patch: [
      federation,
      edited(
        "east",
        "clusterserviceversions",
        CSV,
        withStatus({
          phase: "Installing",
          reason: "InstallWaiting",
          message: "waiting for deployment to become ready",
        }),
        OPERATOR_NAMESPACE,
      ),
    ],
  },
  {
    id: "F8",
    what: "a kind is not served",
    names: ["crd/established"],
    patch: [federation, withoutKind("east", "spiffecsidrivers")],
  },
  {
    id: "F10",
    what: "the server's volume is not bound",
    names: ["server/storage"],
    patch: [
      federation,
      planted("east", {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: "spire-data-spire-server-0", namespace: OPERATOR_NAMESPACE },
        spec: { accessModes: ["ReadWriteOncePod"] },
        status: { phase: "Pending" },
      }),
      event(
        "FailedBinding",
        "no persistent volumes available for this claim and no storage class is set",
        ["PersistentVolumeClaim", "spire-data-spire-server-0"],
      ),
      ...serverDown,
    ],
  },
  {
    id: "F11",
    what: "the volume holds another trust domain's data",
    names: ["server/trust-domain"],
    patch: [
      federation,
      pod("spire-server-0", {
        phase: "Running",
        containerStatuses: [waiting("spire-server", "CrashLoopBackOff")],
      }),
      saying(
        "spire-server",
        `time="2026-03-02T09:00:00Z" level=error msg="Fatal run error" error="a registration entry with trust domain 'old.example' has been detected, which does not match the configured trust domain 'apps.east.example'"`,
      ),
      ...serverDown,
    ],
  },
  {
    id: "F12",
    what: "the server's CA expired while it was down",
    names: ["server/authority"],
    patch: [
      federation,
      pod("spire-server-0", {
        phase: "Running",
        containerStatuses: [waiting("spire-server", "CrashLoopBackOff")],
      }),
      saying(
        "spire-server",
        `time="2026-03-02T09:00:00Z" level=error msg="Fatal run error" error="failed to start: x509: certificate has expired or is not yet valid"`,
      ),
      ...serverDown,
    ],
  },
  {
    id: "F13",
    what: "the operator refuses federatesWith",
    names: ["operator/configuration"],
    patch: [
      federation,
      operand("spireservers", [
        "ConfigurationValid",
        "False",
        "InvalidFederationConfiguration",
        "cannot federate with itself",
      ], ["Ready", "False", "Failed", "invalid"]),
    ],
  },
  {
    id: "F14",
    what: "a proxy without its roots",
    names: ["operator/proxy"],
    patch: [
      federation,
      operand("spireservers", [
        "ConfigurationValid",
        "False",
        "ProxyConfigurationInvalid",
        "TRUSTED_CA_BUNDLE_CONFIGMAP is not set",
      ], ["Ready", "False", "Failed", "invalid"]),
    ],
  },
  {
    id: "F16",
    what: "the operator is in create-only mode, and a federation patch has no effect",
    names: ["operator/rollout"],
    patch: [
      federation,
      edited("east", "spireservers", "cluster", (manifest) =>
        withStatus({
          conditions: [
            { type: "Ready", status: "True", reason: "Ready" },
            { type: "CreateOnlyMode", status: "True", reason: "CreateOnlyModeEnabled" },
          ],
        })(
          withSpec({
            federation: {
              bundleEndpoint: { profile: "https_spiffe", refreshHint: 300 },
              managedRoute: "true",
              federatesWith: [{
                trustDomain: "apps.north.example",
                bundleEndpointUrl: "https://federation.apps.north.example",
                bundleEndpointProfile: "https_spiffe",
                endpointSpiffeId: "spiffe://apps.north.example/spire/server",
              }],
            },
          })(manifest),
        )),
    ],
  },
  {
    id: "F17",
    what: "the agent has no node attestor",
    names: ["agent/attestors"],
    patch: [
      federation,
      edited("east", "spireagents", "cluster", (manifest) => ({
        ...manifest,
        spec: { workloadAttestors: { k8sEnabled: "true" } },
      })),
      daemonSet("spire-agent", 0),
    ],
  },
  {
    id: "F18",
    what: "the CSI driver is not on a node",
    names: ["csi/running"],
    patch: [
      federation,
      daemonSet("spire-spiffe-csi-driver", 2),
      event(
        "FailedMount",
        "MountVolume.SetUp failed: kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: driver name csi.spiffe.io not found in the list of registered CSI drivers",
        ["Pod", "shop-1"],
      ),
    ],
  },
  {
    id: "F19",
    what: "the CSIDriver lost its label",
    names: ["csi/volume-profile"],
    patch: [
      federation,
      planted("east", {
        apiVersion: "storage.k8s.io/v1",
        kind: "CSIDriver",
        metadata: { name: "csi.spiffe.io" },
        spec: {},
      }),
    ],
  },
  {
    id: "F20",
    what: "SELinux keeps workloads from the socket",
    names: ["csi/socket"],
    patch: [
      federation,
      pod("spire-spiffe-csi-driver-x7", {
        phase: "Pending",
        initContainerStatuses: [
          waiting("set-context", "CrashLoopBackOff", "chcon: permission denied"),
        ],
      }),
      daemonSet("spire-spiffe-csi-driver", 2),
    ],
  },
  {
    id: "F21",
    what: "no security context constraint admits the agent",
    names: ["scc/admission"],
    patch: [
      federation,
      event(
        "FailedCreate",
        'pods "spire-agent-" is forbidden: unable to validate against any security context constraint',
        ["DaemonSet", "spire-agent"],
      ),
      daemonSet("spire-agent", 0),
    ],
  },
  {
    id: "F23",
    what: "another route has claimed the host",
    names: ["route/admitted"],
    patch: [
      federation,
      edited(
        "west",
        "routes",
        "spire-server-federation",
        withStatus({
          ingress: [{
            routerName: "default",
            conditions: [{
              type: "Admitted",
              status: "False",
              reason: "HostAlreadyClaimed",
              message: "route older already exposes it",
            }],
          }],
        }),
        OPERATOR_NAMESPACE,
      ),
      polled,
    ],
  },
  {
    id: "F24",
    what: "the router answers with its own page",
    names: ["endpoint/answer"],
    patch: [
      federation,
      answering("west", { status: 503, body: "<html>Application is not available</html>" }),
      polled,
    ],
  },
  {
    id: "F25",
    what: "the route ends TLS",
    names: ["route/termination"],
    patch: [
      federation,
      edited(
        "west",
        "routes",
        "spire-server-federation",
        withSpec({ tls: { termination: "reencrypt" } }),
        OPERATOR_NAMESPACE,
      ),
    ],
  },
  {
    id: "F25 inspection",
    what: "inspection between the clusters ends TLS",
    names: ["federation/passthrough"],
    patch: [federation, egress("inspection"), polled],
  },
  {
    id: "F26",
    what: "the holder cannot resolve the peer",
    names: ["federation/name"],
    patch: [federation, egress("dns"), polled],
  },
  {
    id: "F27",
    what: "a firewall drops what leaves the cluster",
    names: ["federation/egress"],
    patch: [
      federation,
      egress("timeout"),
      polled,
      planted("east", {
        apiVersion: "k8s.ovn.org/v1",
        kind: "EgressFirewall",
        metadata: { name: "default", namespace: OPERATOR_NAMESPACE },
        spec: { egress: [{ type: "Deny", to: { cidrSelector: "0.0.0.0/0" } }] },
      }),
    ],
  },
  {
    id: "F28",
    what: "the proxy refuses",
    names: ["federation/proxy"],
    patch: [federation, egress("proxy"), polled],
  },
  {
    id: "F29",
    what: "the URL has a path",
    names: ["cfdt/endpoint"],
    patch: [...declaring({ bundleEndpointURL: "https://federation.apps.west.example/bundle" })],
  },
  {
    id: "F30",
    what: "a clock is ahead",
    names: ["api/clock"],
    patch: [federation, skewed("west", 120_000)],
  },
  {
    id: "F31",
    what: "the server is restarting",
    names: ["server/running"],
    patch: [federation, restarted("west")],
  },
  {
    id: "F32",
    what: "static configuration alone, and no bundle",
    names: ["federation/seeded"],
    patch: [
      declaredByHand("west", "east", "federation-to-east"),
      staticPeer("east", "west"),
      polled,
    ],
  },
  {
    id: "F33",
    what: "the peer's CA was replaced",
    names: ["federation/bundle"],
    patch: [federation, polled, replacedCa("west"), polled],
  },
  {
    id: "F33 without exec",
    what: "the peer's CA was replaced, and the holder's server may not be asked",
    names: ["federation/bundle", "federation/refresh"],
    patch: [federation, polled, replacedCa("west"), withoutExec("east"), polled],
  },
  {
    id: "F34",
    what: "the endpoint's ID is wrong",
    names: ["cfdt/endpoint"],
    patch: [
      ...declaring({
        bundleEndpointProfile: {
          type: "https_spiffe",
          endpointSPIFFEID: "spiffe://apps.west.example/spire/other",
        },
      }),
    ],
  },
  {
    id: "F35",
    what: "the class is wrong",
    names: ["cfdt/class"],
    patch: declaring({ className: "spire-system-spire" }),
  },
  {
    id: "F35 missing",
    what: "the class is missing",
    names: ["cfdt/class"],
    patch: declaring({ className: undefined }),
  },
  {
    id: "F36",
    what: "the object is not valid",
    names: ["cfdt/valid"],
    patch: declaring({ bundleEndpointURL: "http://federation.apps.west.example" }),
  },
  {
    id: "F37",
    what: "a second object for one trust domain",
    names: ["cfdt/unique"],
    patch: [
      federation,
      ({ clockwork }) => clockwork.advance(2_000),
      declaredByHand("east", "west", "second"),
      settled,
    ],
  },
  {
    id: "F38",
    what: "the text was changed, to no effect",
    names: ["cfdt/embedded"],
    patch: [
      federation,
      ...rotatedThrough,
    ],
  },
  {
    id: "F39",
    what: "an edit of the URL put an old bundle back",
    names: ["federation/rolled-back"],
    patch: [
      federation,
      ...rotatedThrough,
      cfdt("federation-to-west", { bundleEndpointURL: "https://federation.apps.west.example/" }),
      settled,
    ],
  },
  {
    id: "F40",
    what: "static configuration hides the object",
    names: ["federation/drift"],
    patch: [federation, staticPeer("east", "west", "https://old.apps.west.example"), polled],
  },
  {
    id: "F41",
    what: "the peer publishes keys of a newer SPIRE",
    names: ["federation/understood"],
    patch: [
      federation,
      withBody(({ keys, ...rest }) => ({
        ...rest,
        keys: [
          ...keys as unknown[],
          { ...(keys as { use: string }[]).find(({ use }) => use === "jwt-svid"), use: "wit-svid" },
        ],
      })),
      polled,
    ],
  },
  {
    id: "F42",
    what: "trust one way only",
    names: ["cfdt/declared"],
    patch: [declaredByHand("east", "west", "federation-to-west"), settled],
  },
  {
    id: "F44",
    what: "the text is a web page",
    names: ["cfdt/valid"],
    patch: declaring({ trustDomainBundle: "<html>503</html>" }),
  },
  {
    id: "F45",
    what: "an identity asks for a bundle that is not stored",
    names: ["spiffeid/bundles"],
    patch: [
      federation,
      holding("east", {
        apiVersion: SPIRE,
        kind: "ClusterSPIFFEID",
        metadata: { name: "shop" },
        spec: {
          spiffeIDTemplate: "spiffe://{{ .TrustDomain }}/ns/shop/sa/shop",
          className: "zero-trust-workload-identity-manager-spire",
          federatesWith: ["apps.north.example"],
        },
      }),
      settled,
    ],
  },
  {
    id: "F46",
    what: "the selectors choose no pod",
    names: ["spiffeid/selection"],
    patch: [
      federation,
      spiffeId({ federatesWith: ["apps.west.example"] }, {
        namespacesSelected: 1,
        podsSelected: 0,
      }),
    ],
  },
  {
    id: "F47",
    what: "the namespace is ignored",
    names: ["spiffeid/namespaces"],
    patch: [
      federation,
      spiffeId({}, {
        namespacesSelected: 1,
        namespacesIgnored: 1,
        podsSelected: 0,
        entriesToSet: 0,
      }),
    ],
  },
  {
    id: "F48",
    what: "two objects make one entry",
    names: ["spiffeid/masked"],
    patch: [federation, spiffeId({}, { namespacesSelected: 1, podsSelected: 2, entriesMasked: 2 })],
  },
  {
    id: "F49",
    what: "the template fails",
    names: ["spiffeid/template"],
    patch: [
      federation,
      spiffeId({}, { namespacesSelected: 1, podsSelected: 2, podEntryRenderFailures: 2 }),
    ],
  },
  {
    id: "F50",
    what: "a ClusterSPIFFEID has no class",
    names: ["spiffeid/class"],
    patch: [federation, spiffeId({ className: undefined })],
  },
  {
    id: "X17",
    what: "a bundle was never stored",
    names: ["federation/seeded"],
    patch: [federation, storing("east", "apps.west.example", undefined), polled],
  },
  {
    id: "dead endpoint",
    what: "the peer's router is down",
    names: ["endpoint/reachable"],
    patch: [federation, routerDown("west"), polled],
  },
  {
    id: "impostor",
    what: "another cluster answers at the endpoint",
    names: ["endpoint/identity"],
    clusters: ["east", "west", "north"],
    patch: [federation, impostor("west", "north"), polled],
  },
  {
    id: "frozen endpoint",
    what: "the endpoint serves what it served before the CA was replaced",
    names: ["endpoint/identity", "endpoint/roots"],
    patch: [federation, frozenBody("west"), rotating("west", "prepare"), polled],
  },
  {
    id: "expired",
    what: "everything that is stored has expired",
    names: ["federation/expired"],
    patch: [
      federation,
      routerDown("west"),
      ({ clockwork }: Workshop) => clockwork.advance(26 * 3_600_000),
      ({ mount }: Workshop) => void mount.dispatch({ type: "router", cluster: "west", up: true }),
      ({ clockwork }: Workshop) => clockwork.advance(5_000),
    ],
  },
];

/** Failure modes that are not staged, and why. */
export const NOT_STAGED: ReadonlyMap<string, string> = new Map([
  [
    "F9",
    "an answer to a write; nothing of it stays in the cluster (install and preflight try it by dry-run)",
  ],
  ["F15", "no fault: a route managed by hand; it is among the healthy worlds"],
  [
    "F22",
    "the load of a process is in nothing that is read, and its cause is in every installation of 1.0",
  ],
  ["F43", "a relationship that is gone leaves nothing to be seen"],
  ["F51", "files inside of workloads are never read; test-mtls answers it"],
  ["F52", "how somebody calls openssl is not in the cluster; test-mtls answers it"],
]);

/** Unusual, and well. */
export const HEALTHY_WORLDS: readonly {
  readonly what: string;
  readonly patch: readonly WorldPatch[];
  readonly clusters?: PracticeOptions["clusters"];
}[] = [
  { what: "a fresh install, nobody peered", patch: [] },
  {
    what: "a fresh install without endpoints",
    patch: [],
    clusters: [{ name: "east", endpoint: false }, { name: "west", endpoint: false }],
  },
  { what: "federated", patch: [federation] },
  {
    what: "federated for hours",
    patch: [federation, ({ clockwork }) => clockwork.advance(5 * 3_600_000)],
  },
  {
    what: "federated through two rotations of the clock",
    patch: [federation, ({ clockwork }) => clockwork.advance(14 * 3_600_000)],
  },
  {
    what: "a rotation was prepared a moment ago",
    patch: [federation, polled, rotating("west", "prepare")],
  },
  {
    what: "a rotation was activated",
    patch: [federation, rotating("west", "prepare"), polled, rotating("west", "activate")],
  },
  {
    what: "three clusters in a mesh",
    patch: [federated("east", "west", "north")],
    clusters: ["east", "west", "north"],
  },
  {
    what: "a hub and two spokes",
    patch: [federated("east", "west"), federated("east", "north")],
    clusters: ["east", "west", "north"],
  },
  { what: "static and dynamic alike", patch: [federation, staticPeer("east", "west"), polled] },
  {
    what: "objects of another controller's class",
    patch: [
      federation,
      declaredByHand("east", "west", "other", {
        className: "spire-system",
        trustDomain: "partner.example",
      }),
      settled,
    ],
  },
  {
    what: "another controller's object for the same trust domain",
    patch: [
      federation,
      declaredByHand("east", "west", "other", { className: "spire-system" }),
      settled,
    ],
  },
  {
    what: "a route managed by hand",
    patch: [
      federation,
      edited("east", "spireservers", "cluster", (manifest) =>
        conditionsOf(
          ["RouteAvailable", "False", "FederationRouteDisabled", "managedRoute is false"],
          ["ConfigurationValid", "True", "Valid", ""],
          ["Ready", "False", "Failed", "RouteAvailable is false"],
        )(
          withSpec({
            federation: {
              bundleEndpoint: { profile: "https_spiffe", refreshHint: 300 },
              managedRoute: "false",
            },
          })(manifest),
        )),
      operand("zerotrustworkloadidentitymanagers", [
        "OperandsAvailable",
        "False",
        "OperandsNotReady",
        "SpireServer is not ready",
      ], ["Ready", "False", "Failed", "not ready"]),
    ],
  },
  {
    what: "who may read and nothing more than logs",
    patch: [federation, withoutExec("east"), withoutExec("west")],
  },
  {
    what: "an update of the operator waits for approval",
    patch: [
      federation,
      planted("east", {
        apiVersion: OLM,
        kind: "InstallPlan",
        metadata: { name: "install-next", namespace: OPERATOR_NAMESPACE },
        spec: { approval: "Manual", approved: false },
        status: { phase: "RequiresApproval" },
      }),
    ],
  },
  {
    what: "workloads that federate",
    patch: [
      federation,
      spiffeId({ federatesWith: ["apps.west.example"] }, {
        namespacesSelected: 2,
        podsSelected: 3,
        entriesToSet: 3,
      }),
    ],
  },
  {
    what: "a fallback identity for all",
    patch: [
      federation,
      spiffeId({ fallback: true, hint: "default" }, {
        namespacesSelected: 70,
        namespacesIgnored: 60,
        podsSelected: 9,
      }),
    ],
  },
  {
    what: "the operator at work for a moment",
    patch: [
      federation,
      operand("spireservers", ["Ready", "False", "Progressing", "Reconciling"], [
        "ConfigurationValid",
        "True",
        "Valid",
        "",
      ]),
    ],
  },
  {
    what: "the server restarted a while ago",
    patch: [federation, restarted("west"), ({ clockwork }) => clockwork.advance(120_000)],
  },
  {
    what: "a longer refresh hint",
    patch: [federation, ({ clockwork }) => clockwork.advance(20 * 60_000)],
    clusters: ["east", { name: "west", refreshHint: 3600 }],
  },
  {
    what: "a peer whom nobody has a context for",
    patch: [declaredByHand("east", "north", "federation-to-north"), federation, polled],
    clusters: ["east", "west", "north"],
  },
  { what: "a clock that is a little off", patch: [federation, skewed("west", 20_000)] },
];

export { declarationOf, objectIn, ZTWIM };
