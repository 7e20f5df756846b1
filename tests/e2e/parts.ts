/**
 * What is built, from what, and how. Everything comes out of Go modules whose
 * contents are pinned: by a go.sum beside the source here, or by the checksum of
 * the module itself.
 *
 * @module
 */

/** The version of Kubernetes; its staging modules carry it as v0.34.3. */
export const KUBERNETES_VERSION = "1.34.3";
/** The versions that the operator ships. */
export const SPIRE_VERSION = "1.13.3";
/** spire-controller-manager. */
export const CONTROLLER_MANAGER_VERSION = "0.6.3";

/** A module as the checksum database knows it. */
export interface PinnedModule {
  readonly path: string;
  readonly version: string;
  /** The `h1:` hash over its files. */
  readonly sum: string;
}

/** One `go build`. */
export interface Part {
  readonly name: string;
  /** Where it is built: a folder below `parts/`, or a pinned module's own folder. */
  readonly source: { readonly folder: string } | { readonly module: PinnedModule };
  /** Package by name of the program that it becomes. */
  readonly programs: Readonly<Record<string, string>>;
  /** Programs that run in an image without libraries. */
  readonly linking: "dynamic" | "without C" | "static with C";
  /** Values of variables, as `-X` sets them. */
  readonly variables?: Readonly<Record<string, string>>;
}

const SPIRE: PinnedModule = {
  path: "github.com/spiffe/spire",
  version: `v${SPIRE_VERSION}`,
  sum: "h1:wDTK8tj8ShO5izjue/OFanVaehmjUxSxHtSWxBY+FJQ=",
};

const CONTROLLER_MANAGER: PinnedModule = {
  path: "github.com/spiffe/spire-controller-manager",
  version: `v${CONTROLLER_MANAGER_VERSION}`,
  sum: "h1:TwGDxddP21exUKGvUOuCIr7bKrWnX7uoDoIIUllrGzU=",
};

const VERSION = "k8s.io/component-base/version";

/** Everything that is built. */
export const PARTS: readonly Part[] = [
  {
    name: "kubernetes",
    source: { folder: "kubernetes" },
    programs: Object.fromEntries(
      [
        "kube-apiserver",
        "kube-controller-manager",
        "kube-scheduler",
        "kubelet",
        "kube-proxy",
        "kubectl",
      ].map((name) => [name, `k8s.io/kubernetes/cmd/${name}`]),
    ),
    linking: "dynamic",
    // Without these every part calls itself v0.0.0-master and clients refuse the skew.
    variables: {
      [`${VERSION}.gitVersion`]: `v${KUBERNETES_VERSION}`,
      [`${VERSION}.gitMajor`]: "1",
      [`${VERSION}.gitMinor`]: "34",
      [`${VERSION}.gitTreeState`]: "clean",
      [`${VERSION}.gitCommit`]: "0".repeat(40),
      [`${VERSION}.buildDate`]: "2025-12-01T00:00:00Z",
    },
  },
  {
    name: "oc",
    source: { folder: "kubernetes" },
    programs: { oc: "./oc" },
    linking: "dynamic",
  },
  {
    name: "etcd",
    source: { folder: "kubernetes" },
    programs: { etcd: "go.etcd.io/etcd/server/v3" },
    linking: "dynamic",
  },
  {
    name: "pause",
    source: { folder: "kubernetes" },
    programs: { pause: "./pause" },
    linking: "without C",
  },
  {
    name: "csi",
    source: { folder: "kubernetes" },
    programs: { "csi-stand-in": "./csi" },
    linking: "without C",
  },
  {
    name: "coredns",
    source: { folder: "coredns" },
    programs: { coredns: "." },
    linking: "without C",
  },
  {
    name: "caller",
    source: { folder: "caller" },
    programs: { caller: "." },
    linking: "without C",
  },
  {
    name: "spire",
    source: {
      module: SPIRE,
    },
    // sqlite needs C.
    programs: { "spire-server": "./cmd/spire-server", "spire-agent": "./cmd/spire-agent" },
    linking: "static with C",
    variables: { "github.com/spiffe/spire/pkg/common/version.gittag": SPIRE_VERSION },
  },
  {
    name: "controller-manager",
    source: {
      module: CONTROLLER_MANAGER,
    },
    programs: { "spire-controller-manager": "./cmd" },
    linking: "without C",
  },
];

/** Custom resource definitions that are read out of a module's folder, never copied. */
export const DEFINITIONS: readonly {
  readonly module: PinnedModule;
  readonly files: readonly string[];
}[] = [
  {
    module: CONTROLLER_MANAGER,
    files: ["clusterfederatedtrustdomains", "clusterspiffeids", "clusterstaticentries"].map(
      (plural) => `config/crd/bases/spire.spiffe.io_${plural}.yaml`,
    ),
  },
  {
    module: {
      path: "github.com/openshift/api",
      version: "v0.0.0-20260406193844-f50e695cb194",
      sum: "h1:jB/0er5MIFJ6FtQPCvA+9JP7UFnoS8H6hpxEnKEgiBQ=",
    },
    files: [
      "route/v1/zz_generated.crd-manifests/routes.crd.yaml",
      "config/v1/zz_generated.crd-manifests/0000_10_config-operator_01_ingresses.crd.yaml",
    ],
  },
  {
    module: {
      path: "github.com/operator-framework/api",
      version: "v0.31.0",
      sum: "h1:tRsFTuZ51xD8U5QgiPo3+mZgVipHZVgRXYrI6RRXOh8=",
    },
    files: [
      "catalogsources",
      "clusterserviceversions",
      "installplans",
      "operatorconditions",
      "operatorgroups",
      "subscriptions",
    ].map((plural) => `crds/operators.coreos.com_${plural}.yaml`),
  },
];
