/**
 * What keeps the operator from being installed.
 *
 * @module
 */
import { OPERATOR_NAMESPACE } from "../../../manifests/manifest.ts";
import { change, withoutKind } from "../ailments.ts";
import {
  type BrokenWorld,
  CSV,
  edited,
  federation,
  notInstalled,
  planted,
  withStatus,
} from "./staging.ts";

/** Each alone, with what must be named first. */
export const OPERATOR_WORLDS: readonly BrokenWorld[] = [
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
];
