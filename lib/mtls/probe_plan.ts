/**
 * The objects of a trial, as data. Everything carries the run's id; everything that has
 * a namespace lies in one that the run made for itself.
 *
 * @module
 */
import { clusterSpiffeId } from "../../manifests/cluster_spiffe_id.ts";
import { MANAGED_BY, type Manifest, type ObjectMeta, RUN_LABEL } from "../../manifests/manifest.ts";
import type { TrustDomain } from "../spiffe/model.ts";
import type { Orders, VisitorOrders } from "./records.ts";
import {
  ATTEMPTS,
  callerRolesOf,
  hostOf,
  idOf,
  namespaceOf,
  type Role,
  SHORT_TTL_SECONDS,
  type Trial,
  type TrialSide,
  VISITS,
} from "./trial.ts";

const ROLE_LABEL = "spirefed/role";
const PORT = 8443;
/** How long a probe waits for an identity: the agent looks for new entries every 5 s. */
const IDENTITY_MS = 40_000;
/** How long a caller goes on calling: a router takes a moment to serve a new route. */
const ANSWER_MS = 20_000;
/** The same where a side stores no bundle: it is tried all the same, and nobody waits for a miracle. */
const HOPELESS_ANSWER_MS = 3_000;

/** How long a server that is not ours has to judge a certificate, however far away it is. */
const WATCH_MS = 3_000;
const WATCH_CONTROL_MS = 8_000;

/** What is made in one cluster, in this order. */
export interface SidePlan {
  readonly cluster: string;
  readonly manifests: readonly Manifest[];
}

/** Both sides of a trial. */
export function planTrial(trial: Trial, program: string): readonly [SidePlan, SidePlan] {
  const own = (roles: readonly Role[], network: readonly Manifest[]): readonly Manifest[] => [
    namespace(trial),
    serviceAccount(trial),
    configMap(trial, { program, roles }),
    ...roles.flatMap((role) => identities(trial, role)),
    ...roles.map((role) => pod(trial, role)),
    ...network,
  ];
  const serving = trial.existing === undefined
    ? own(["server"], [service(trial), route(trial)])
    : [];
  return [
    { cluster: trial.server.cluster, manifests: serving },
    { cluster: trial.caller.cluster, manifests: own(callerRolesOf(trial), []) },
  ];
}

function labels({ run }: Trial, role?: Role): Readonly<Record<string, string>> {
  return { ...MANAGED_BY, [RUN_LABEL]: run, ...(role === undefined ? {} : { [ROLE_LABEL]: role }) };
}

function within(trial: Trial, name: string, role?: Role): ObjectMeta {
  return { name, namespace: namespaceOf(trial), labels: labels(trial, role) };
}

function namespace(trial: Trial): Manifest {
  const strict = { "pod-security.kubernetes.io/enforce": "restricted" };
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespaceOf(trial), labels: { ...labels(trial), ...strict } },
  };
}

function serviceAccount(trial: Trial): Manifest {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: within(trial, "probe"),
    automountServiceAccountToken: false,
  };
}

function configMap(
  trial: Trial,
  { program, roles }: { readonly program: string; readonly roles: readonly Role[] },
): Manifest {
  const orders = roles.map((role) => [`${role}.json`, JSON.stringify(ordersFor(trial, role))]);
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: within(trial, "probe"),
    data: { "probe.mjs": program, ...Object.fromEntries(orders) },
  };
}

/** What a probe is told to do. */
export function ordersFor(trial: Trial, role: Role): Orders {
  const common = { self: idOf(trial, role), identityMs: IDENTITY_MS };
  if (role === "server") {
    return { ...common, role: "server", allowed: idOf(trial, "caller"), port: PORT };
  }
  if (role === "visitor") return { ...common, role: "visitor", ...visitsFor(trial) };
  return {
    ...common,
    role: "caller",
    server: { host: hostOf(trial), port: 443, id: idOf(trial, "server") },
    run: trial.run,
    attempts: ATTEMPTS[role],
    ...(role === "caller" ? { stranger: idOf(trial, "stranger") } : {}),
    repeat: role === "caller" ? trial.repeat : 1,
    answerMs: answerMsFor(trial),
  };
}

function answerMsFor({ server, caller }: Trial): number {
  const isHopeless = [server, caller].some(({ storesPeer }) => storesPeer === false);
  return isHopeless ? HOPELESS_ANSWER_MS : ANSWER_MS;
}

function visitsFor(
  trial: Trial,
): Omit<VisitorOrders, "role" | "self" | "identityMs"> {
  const { existing } = trial;
  if (existing?.way === undefined) throw new Error("there is no way to visit");
  const { way: { host, port }, ids } = existing;
  return {
    server: { host, port, ids },
    visits: VISITS,
    answerMs: answerMsFor(trial),
    watchMs: WATCH_MS,
    watchControlMs: WATCH_CONTROL_MS,
  };
}

/**
 * A ClusterSPIFFEID a role, and one more for the stranger that the caller is as well.
 * SPIRE refuses an entry that federates with a bundle it does not store, so where it is
 * known to store none, none is asked for: the call then fails by itself, and shows it.
 */
function identities(trial: Trial, role: Role): readonly Manifest[] {
  const [side, peer] = role === "server"
    ? [trial.server, trial.caller]
    : [trial.caller, trial.server];
  const federates = role !== "unfederated" && side.storesPeer !== false;
  const make = (name: Role | "stranger"): Manifest =>
    identity(trial, {
      name,
      role,
      side,
      federatesWith: federates ? [peer.trustDomain] : [],
    });
  return role === "caller" ? [make("caller"), make("stranger")] : [make(role)];
}

function identity(
  trial: Trial,
  { name, role, side, federatesWith }: {
    readonly name: Role | "stranger";
    readonly role: Role;
    readonly side: TrialSide;
    readonly federatesWith: readonly TrustDomain[];
  },
): Manifest {
  return clusterSpiffeId({
    spiffeIDTemplate: idOf(trial, name),
    federatesWith,
    namespaceLabels: { "kubernetes.io/metadata.name": namespaceOf(trial) },
    podLabels: { [RUN_LABEL]: trial.run, [ROLE_LABEL]: role },
    className: side.className,
    ttl: role === "expiring" ? `${SHORT_TTL_SECONDS}s` : undefined,
  }, { name: `${namespaceOf(trial)}-${name}`, labels: labels(trial) });
}

/**
 * Pods of their own rather than a Deployment's: what admission refuses is answered at
 * once, to us. The annotation keeps an administrator's wider rights out of it.
 */
function pod(trial: Trial, role: Role): Manifest {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...within(trial, role, role),
      annotations: { "openshift.io/required-scc": "restricted-v2" },
    },
    spec: {
      serviceAccountName: "probe",
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 1,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containers: [container(trial, role)],
      volumes: [
        { name: "probe", configMap: { name: "probe" } },
        { name: "spiffe", csi: { driver: "csi.spiffe.io", readOnly: true } },
      ],
    },
  };
}

function container(trial: Trial, role: Role): unknown {
  const serving = {
    ports: [{ name: "mtls", containerPort: PORT }],
    readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 1, failureThreshold: 60 },
  };
  return {
    name: "probe",
    image: trial.image,
    imagePullPolicy: "IfNotPresent",
    command: ["node", "/probe/probe.mjs", `/probe/${role}.json`],
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { memory: "256Mi" } },
    volumeMounts: [
      { name: "probe", mountPath: "/probe", readOnly: true },
      { name: "spiffe", mountPath: "/spiffe-workload-api", readOnly: true },
    ],
    ...(role === "server" ? serving : {}),
  };
}

function service(trial: Trial): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: within(trial, "server"),
    spec: {
      selector: { [RUN_LABEL]: trial.run, [ROLE_LABEL]: "server" },
      ports: [{ name: "mtls", port: 443, targetPort: PORT }],
    },
  };
}

/** Passthrough: a router that ended TLS would be the peer itself. */
function route(trial: Trial): Manifest {
  return {
    apiVersion: "route.openshift.io/v1",
    kind: "Route",
    metadata: within(trial, "server"),
    spec: {
      host: hostOf(trial),
      to: { kind: "Service", name: "server", weight: 100 },
      port: { targetPort: "mtls" },
      tls: { termination: "passthrough" },
    },
  };
}
