/**
 * Failures on the way from a catalog to the definitions, and settings that cannot change.
 *
 * @module
 */
import { OPERATOR_NAMESPACE as namespace } from "../../manifests/manifest.ts";
import { holding, patched, removed } from "./ailments.ts";
import {
  CATALOG,
  complaining,
  type FailureMode,
  PACKAGE,
  PLAN,
  pod,
  subscribed,
  versionFailed,
} from "./failure_staging.ts";

/** F1 to F9. */
export const OLM_FAILURES: readonly FailureMode[] = [
  {
    name: "F1 the catalog is disabled",
    empty: true,
    patch: [removed("east", CATALOG)],
    check: "olm/catalog",
    status: "fail",
    detail: /no CatalogSource redhat-operators: it is disabled/,
    remedy: /--source NAME; or enable it: .*patch operatorhub/,
  },
  {
    name: "F1 the catalog is not ready",
    empty: true,
    patch: [
      patched("east", CATALOG, {
        status: { connectionState: { lastObservedState: "TRANSIENT_FAILURE" } },
      }),
    ],
    check: "olm/catalog",
    status: "fail",
    detail: /redhat-operators is TRANSIENT_FAILURE/,
    remedy: /get pods -l olm\.catalogSource=redhat-operators/,
  },
  {
    name: "F1 the catalog lacks the package",
    empty: true,
    patch: [
      removed("east", {
        kind: "PackageManifest",
        apiVersion: "packages.operators.coreos.com/v1",
        name: PACKAGE,
        namespace: "openshift-marketplace",
      }),
    ],
    check: "olm/package",
    status: "fail",
    detail: /redhat-operators has no package/,
    remedy: /--source NAME/,
  },
  {
    name: "F1 a Subscription finds its catalogs unhealthy",
    patch: complaining("CatalogSourcesUnhealthy", "UnhealthyCatalogSourceFound", "unhealthy"),
    check: "olm/install",
    status: "fail",
    detail: /CatalogSourcesUnhealthy/,
    remedy: /get catalogsource redhat-operators/,
  },
  {
    name: "F2 the channel does not exist",
    empty: true,
    patch: [],
    flags: ["--channel", "alpha"],
    check: "olm/channel",
    status: "fail",
    detail: /no channel alpha \(there is stable-v1\)/,
    remedy: /--channel stable-v1/,
  },
  {
    name: "F2 the version does not exist",
    empty: true,
    patch: [],
    flags: ["--starting-csv", "x.v9"],
    check: "olm/channel",
    status: "fail",
    detail: /no version x\.v9/,
    remedy: /--starting-csv zero-trust-workload-identity-manager\.v1\.0\.1/,
  },
  {
    name: "F2 the resolver found nothing",
    patch: complaining("ResolutionFailed", "ConstraintsNotSatisfiable", "no operators found"),
    check: "olm/install",
    status: "fail",
    detail: /ResolutionFailed: ConstraintsNotSatisfiable no operators found/,
    remedy: /--channel NAME/,
  },
  {
    name: "F3 two OperatorGroups",
    patch: [
      holding("east", {
        apiVersion: "operators.coreos.com/v1",
        kind: "OperatorGroup",
        metadata: { name: "second", namespace },
        spec: {},
      }),
    ],
    check: "olm/operator-group",
    status: "fail",
    detail: /2 OperatorGroups.*TooManyOperatorGroups/,
    remedy: /delete operatorgroup/,
  },
  {
    name: "F3 the version failed for its groups",
    patch: [versionFailed("TooManyOperatorGroups", "csv created in namespace with multiple")],
    check: "olm/install",
    status: "fail",
    detail: /TooManyOperatorGroups/,
    remedy: /get operatorgroups: exactly one/,
  },
  {
    name: "F4 the group serves several namespaces",
    patch: [
      patched("east", {
        kind: "OperatorGroup",
        apiVersion: "operators.coreos.com/v1",
        name: `${namespace}-og`,
      }, { spec: { targetNamespaces: ["a", "b"] } }),
    ],
    check: "olm/operator-group",
    status: "fail",
    detail: /UnsupportedOperatorGroup/,
    remedy: /patch operatorgroup .*targetNamespaces/,
  },
  ...["NoOperatorGroup", "InterOperatorGroupOwnerConflict"].map((reason): FailureMode => ({
    name: `F4 the version failed: ${reason}`,
    patch: [versionFailed(reason, "csv in namespace")],
    check: "olm/install",
    status: "fail",
    detail: new RegExp(reason),
    remedy: /get operatorgroups/,
  })),
  {
    name: "F5 the plan waits for approval",
    patch: [
      ...subscribed({ conditions: [] }),
      patched("east", PLAN, {
        spec: { approval: "Manual", approved: false },
        status: { phase: "RequiresApproval" },
      }),
    ],
    check: "olm/install",
    status: "fail",
    detail: /install-first waits for approval/,
    remedy: /--approval manual, which approves this plan only/,
  },
  {
    name: "F6 the bundle cannot be unpacked",
    patch: complaining("BundleUnpackFailed", "BundleUnpackFailed", "DeadlineExceeded"),
    check: "olm/install",
    status: "fail",
    detail: /BundleUnpackFailed/,
    remedy: /mend the pull secret/,
  },
  {
    name: "F6 the plan failed",
    patch: [
      ...subscribed({ conditions: [] }),
      patched("east", PLAN, {
        status: {
          phase: "Failed",
          conditions: [{
            type: "Installed",
            status: "False",
            reason: "InstallComponentFailed",
            message: "quota exceeded",
          }],
        },
      }),
    ],
    check: "olm/install",
    status: "fail",
    detail: /InstallComponentFailed quota exceeded/,
    remedy: /describe installplan install-first/,
  },
  {
    name: "F7 the version failed its check",
    patch: [versionFailed("InstallCheckFailed", "install timeout")],
    check: "olm/install",
    status: "fail",
    detail: /InstallCheckFailed: install timeout/,
    remedy: /get pods,events/,
  },
  {
    name: "F7 the operator's image cannot be pulled",
    patch: [
      patched("east", {
        kind: "Deployment",
        apiVersion: "apps/v1",
        name: `${namespace}-controller-manager`,
      }, { status: { availableReplicas: 0 } }),
      holding(
        "east",
        pod(`${namespace}-controller-manager-x1`, {
          containerStatuses: [{
            name: "manager",
            state: { waiting: { reason: "ImagePullBackOff", message: "unauthorized" } },
          }],
        }),
      ),
    ],
    check: "operator/running",
    status: "fail",
    detail: /manager is in ImagePullBackOff: unauthorized/,
    remedy: /pull secret/,
  },
  {
    name: "F8 a definition is missing",
    patch: [
      removed("east", {
        kind: "CustomResourceDefinition",
        apiVersion: "apiextensions.k8s.io/v1",
        name: "spireagents.operator.openshift.io",
      }),
    ],
    check: "definitions/present",
    status: "fail",
    detail: /spireagents\.operator\.openshift\.io is missing/,
    remedy: /OLM makes them/,
  },
  {
    name: "F8 a definition is not Established",
    patch: [
      patched("east", {
        kind: "CustomResourceDefinition",
        apiVersion: "apiextensions.k8s.io/v1",
        name: "spireagents.operator.openshift.io",
      }, { status: { conditions: [] } }),
    ],
    check: "definitions/present",
    status: "fail",
    detail: /not Established yet/,
    remedy: /get csv/,
  },
  ...([["--trust-domain", "td.example"], ["--cluster-name", "x"], ["--size", "5Gi"]] as const).map(
    ([flag, value]): FailureMode => ({
      name: `F9 ${flag} of what is there cannot change`,
      patch: [],
      flags: [flag, value],
      check: "stack/immutable",
      status: "fail",
      detail: new RegExp(`wanted is ${value}: the operator lets nobody change this`),
      remedy: /without these settings keeps what is there/,
    }),
  ),
];
