/**
 * What keeps SPIRE's parts from running.
 *
 * @module
 */
import { OPERATOR_NAMESPACE } from "../../../manifests/manifest.ts";
import {
  type BrokenWorld,
  daemonSet,
  edited,
  event,
  federation,
  operand,
  planted,
  pod,
  saying,
  serverDown,
  waiting,
  withSpec,
  withStatus,
} from "./staging.ts";

/** The server ends with this error whenever it is started. */
function crashing(error: string): BrokenWorld["patch"] {
  return [
    federation,
    pod("spire-server-0", {
      phase: "Running",
      containerStatuses: [waiting("spire-server", "CrashLoopBackOff")],
    }),
    saying(
      "spire-server",
      `time="2026-03-02T09:00:00Z" level=error msg="Fatal run error" error="${error}"`,
    ),
    ...serverDown,
  ];
}

/** Each alone, with what must be named first. */
export const OPERAND_WORLDS: readonly BrokenWorld[] = [
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
        spec: { accessModes: ["ReadWriteOncePod"], storageClassName: "gone" },
        status: { phase: "Pending" },
      }),
      event(
        "ProvisioningFailed",
        'storageclass.storage.k8s.io "gone" not found',
        ["PersistentVolumeClaim", "spire-data-spire-server-0"],
      ),
      ...serverDown,
    ],
  },
  {
    id: "F11",
    what: "the volume holds another trust domain's data",
    names: ["server/trust-domain"],
    patch: crashing(
      "a registration entry with trust domain 'old.example' has been detected, which does not match the configured trust domain 'apps.east.example'",
    ),
  },
  {
    id: "F12",
    what: "the server's CA expired while it was down",
    names: ["server/authority"],
    patch: crashing(
      "failed to start: x509: certificate has expired or is not yet valid",
    ),
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
];
