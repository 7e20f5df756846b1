/**
 * Failures of the stack, of what it stands on, and of the way to its endpoint.
 *
 * @module
 */
import { DATA_OF } from "../../sandbox/pods.ts";
import { OPERATOR_NAMESPACE as namespace } from "../../manifests/manifest.ts";
import { answering, holding, patched, removed, stuck } from "./ailments.ts";
import {
  CLASS,
  crashing,
  event,
  type FailureMode,
  operand,
  pod,
  ROUTE,
  SUBSCRIPTION,
  unconfigured,
  unready,
  without,
} from "./failure_staging.ts";

/** F10 to F25. */
export const OPERAND_FAILURES: readonly FailureMode[] = [
  {
    name: "F10 no default storage class",
    empty: true,
    patch: [patched("east", CLASS, { metadata: { annotations: null } })],
    check: "storage/class",
    status: "fail",
    detail: /no storage class is the default one \(there are gp3-csi\)/,
    remedy: /--storage-class gp3-csi/,
  },
  {
    name: "F10 ReadWriteOncePod without a CSI driver",
    empty: true,
    patch: [patched("east", CLASS, { provisioner: "kubernetes.io/aws-ebs" })],
    flags: ["--access-mode", "ReadWriteOncePod"],
    check: "storage/access-mode",
    status: "fail",
    detail: /ReadWriteOncePod needs a CSI driver/,
    remedy: /--access-mode ReadWriteOnce/,
  },
  {
    name: "F10 the claim stays Pending",
    patch: [
      removed("east", CLASS),
      patched("east", {
        kind: "PersistentVolumeClaim",
        apiVersion: "v1",
        name: "spire-data-spire-server-0",
      }, { status: { phase: "Pending" } }),
      unready("SpireServer"),
    ],
    check: "stack/server",
    status: "fail",
    detail: /spire-data-spire-server-0 is Pending/,
    remedy: /--storage-class NAME/,
  },
  {
    name: "F11 an old volume with another trust domain lies there",
    empty: true,
    patch: [
      holding("east", {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: {
          name: "spire-data-spire-server-0",
          namespace,
          annotations: { [DATA_OF]: "old.example" },
        },
        spec: { accessModes: ["ReadWriteOnce"] },
      }),
    ],
    check: "storage/claim",
    status: "warn",
    detail: /left from an earlier SPIRE server/,
    remedy: /delete pvc/,
  },
  {
    name: "F11 the server crashes over an old volume",
    patch: [
      ...without("spire-server-0"),
      holding("east", pod("spire-server-0", crashing("spire-server", "back-off"))),
      unready("SpireServer"),
    ],
    check: "stack/server",
    status: "fail",
    detail: /spire-server is in CrashLoopBackOff/,
    remedy: /logs spire-server-0 -c spire-server --previous.*registration entry with trust domain/,
  },
  {
    name: "F12 the server crashes over expired keys",
    patch: [
      ...without("spire-server-0"),
      holding("east", pod("spire-server-0", crashing("spire-server", "exit code 1"))),
      unready("SpireServer"),
    ],
    check: "stack/server",
    status: "fail",
    detail: /CrashLoopBackOff: exit code 1/,
    remedy: /expired keys after a long stop a restart: .*delete pod spire-server-0/,
  },
  {
    name: "F13 the operator refuses the federation",
    patch: [
      unconfigured("SpireServer", "InvalidFederationConfiguration", "duplicate trust domain x"),
    ],
    check: "stack/server",
    status: "fail",
    detail: /InvalidFederationConfiguration: duplicate trust domain x/,
    remedy: /edit spireserver cluster/,
  },
  {
    name: "F14 a proxy whose CA the operator does not know",
    patch: [
      patched("east", { kind: "Proxy", apiVersion: "config.openshift.io/v1", name: "cluster" }, {
        status: { httpsProxy: "http://user:secret@proxy.example:3128" },
      }),
    ],
    check: "openshift/proxy",
    status: "fail",
    detail: /^proxy\.example:3128 is in force.*TRUSTED_CA_BUNDLE_CONFIGMAP/,
    remedy: /inject-trusted-cabundle=true.*patch subscription/,
  },
  {
    name: "F14 the operator refuses the proxy's configuration",
    patch: [unconfigured("SpireServer", "ProxyConfigurationInvalid", "no CA bundle")],
    check: "stack/server",
    status: "fail",
    detail: /ProxyConfigurationInvalid/,
    remedy: /TRUSTED_CA_BUNDLE_CONFIGMAP/,
  },
  {
    name: "F15 the managed route is off",
    patch: [
      patched("east", operand("SpireServer"), { spec: { federation: { managedRoute: "false" } } }),
      unready("SpireServer", "Failed"),
    ],
    check: "stack/server",
    status: "warn",
    detail: /FederationRouteDisabled.*Ready=False for ever/,
    remedy: /expect it/,
  },
  {
    name: "F16 CREATE_ONLY_MODE",
    patch: [
      patched("east", SUBSCRIPTION, {
        spec: { config: { env: [{ name: "CREATE_ONLY_MODE", value: "true" }] } },
      }),
    ],
    check: "operator/create-only",
    status: "fail",
    detail: /accepted and never made/,
    remedy: /take CREATE_ONLY_MODE out/,
  },
  {
    name: "F16 the operator is down",
    patch: [
      patched("east", {
        kind: "Deployment",
        apiVersion: "apps/v1",
        name: `${namespace}-controller-manager`,
      }, { status: { availableReplicas: 0 } }),
    ],
    check: "operator/running",
    status: "fail",
    detail: /no pod that is ready/,
    remedy: /describe deployment/,
  },
  {
    name: "F17 the agent has no attestors",
    patch: [patched("east", operand("SpireAgent"), { spec: { workloadAttestors: null } })],
    check: "stack/agent",
    status: "fail",
    detail: /no workloadAttestors\.k8sEnabled: its agents can attest nobody/,
    remedy: /patch spireagent cluster/,
  },
  {
    name: "F17 the agents crash",
    patch: [
      holding("east", pod("spire-agent-x1", crashing("spire-agent", "kubelet CA"))),
      unready("SpireAgent"),
      stuck("east", "spire-agent"),
    ],
    check: "stack/agent",
    status: "fail",
    detail: /spire-agent is in CrashLoopBackOff: kubelet CA/,
    remedy: /logs spire-agent-x1/,
  },
  {
    name: "F18 the CSI driver is not on every node",
    patch: [
      event(
        { kind: "DaemonSet", name: "spire-spiffe-csi-driver" },
        "FailedScheduling",
        "untolerated taint",
      ),
      unready("SpiffeCSIDriver"),
    ],
    check: "stack/csi-driver",
    status: "fail",
    detail: /FailedScheduling: untolerated taint/,
    remedy: /describe daemonset spire-spiffe-csi-driver/,
  },
  {
    name: "F18 the CSI driver has another name",
    patch: [patched("east", operand("SpiffeCSIDriver"), { spec: { pluginName: "csi-spiffe.io" } })],
    check: "stack/csi-driver",
    status: "warn",
    detail: /called csi-spiffe\.io.*not found in the list of registered CSI drivers/,
    remedy: /pluginName/,
  },
  {
    name: "F20 the socket's label could not be set",
    patch: [
      holding(
        "east",
        pod("spire-spiffe-csi-driver-x1", {
          initContainerStatuses: [{
            name: "set-context",
            state: { waiting: { reason: "CrashLoopBackOff", message: "chcon: permission denied" } },
          }],
        }),
      ),
      unready("SpiffeCSIDriver"),
    ],
    check: "stack/csi-driver",
    status: "fail",
    detail: /set-context is in CrashLoopBackOff: chcon/,
    remedy: /delete pod spire-spiffe-csi-driver-x1/,
  },
  {
    name: "F21 no security context constraint takes the pods",
    patch: [
      event(
        { kind: "DaemonSet", name: "spire-agent" },
        "FailedCreate",
        "unable to validate against any security context constraint",
      ),
      unready("SpireAgent"),
    ],
    check: "stack/agent",
    status: "fail",
    detail: /unable to validate against any security context constraint/,
    remedy: /get scc spire-agent/,
  },
  {
    name: "F22 the controller works without a pause",
    patch: [],
    check: "controller/pace",
    status: "warn",
    detail: /gcInterval: 0/,
    remedy: /update the operator/,
  },
  {
    name: "F23 another Route has the host",
    patch: [
      patched("east", ROUTE, {
        status: {
          ingress: [{
            conditions: [{
              type: "Admitted",
              status: "False",
              reason: "HostAlreadyClaimed",
              message: "route old already exposes it",
            }],
          }],
        },
      }),
    ],
    check: "route/admitted",
    status: "fail",
    detail: /HostAlreadyClaimed route old/,
    remedy: /remove the older Route/,
  },
  {
    name: "F23 no router takes the Route up",
    patch: [patched("east", ROUTE, { status: { ingress: [] } })],
    check: "route/admitted",
    status: "fail",
    detail: /no router has taken up the Route/,
    remedy: /SpireServer's spec\.labels/,
  },
  {
    name: "F24 the router answers for a server that is down",
    patch: [answering("east", { status: 503, body: "<html>Application is not available</html>" })],
    check: "endpoint/answers",
    status: "fail",
    detail: /503/,
    remedy: /./,
  },
  {
    name: "F25 the Route ends TLS",
    patch: [patched("east", ROUTE, { spec: { tls: { termination: "edge" } } })],
    check: "route/admitted",
    status: "fail",
    detail: /ends TLS \(edge\).*contains no URI SAN/,
    remedy: /with passthrough/,
  },
];
