/**
 * Configuration files of a node's programs, with the settings that let them run
 * beside each other without owning the machine.
 *
 * @module
 */
import { join } from "node:path";
import { imageReference } from "./images.ts";
import { FABRIC_ADDRESS, OPERATOR_NAMESPACE, type Site } from "./topology.ts";

/** Where a node's files lie. */
export interface NodeFolders {
  readonly state: string;
  readonly pki: string;
  readonly logs: string;
}

/** Name of each file below the node's folder, and its text. */
export function configurationFiles(site: Site, folders: NodeFolders): Record<string, string> {
  return {
    "containerd.toml": containerd(),
    "cni-configuration/10-spirefed.conflist": JSON.stringify(cni(site)),
    "kubelet.json": JSON.stringify(kubelet(site, folders)),
    "kube-proxy.json": JSON.stringify(kubeProxy(site, folders)),
    "audit.json": JSON.stringify(AUDIT),
    "resolv.conf": `nameserver ${FABRIC_ADDRESS}\n`,
  };
}

// Without CAP_SYS_RESOURCE an oom_score_adj cannot be lowered, and pause asks for -998.
function containerd(): string {
  const runtime = 'plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc';
  return `version = 2
oom_score = 0
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${imageReference("pause")}"
  restrict_oom_score_adj = true
  disable_apparmor = true
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "/etc/cni/net.d"
[${runtime}]
  runtime_type = "io.containerd.runc.v2"
[${runtime}.options]
  SystemdCgroup = false
`;
}

// A bridge would need bridge-netfilter for Services; point-to-point links do not.
function cni({ podNetwork }: Site): unknown {
  const ipam = {
    type: "host-local",
    ranges: [[{ subnet: podNetwork }]],
    routes: [{ dst: "0.0.0.0/0" }],
  };
  return {
    cniVersion: "0.4.0",
    name: "spirefed",
    plugins: [{ type: "ptp", ipMasq: true, ipam }],
  };
}

function kubelet({ cgroup, dnsService }: Site, { state, pki }: NodeFolders): unknown {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    failCgroupV1: false,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${cgroup}`,
    containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock",
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(pki, "ca.crt") },
    },
    authorization: { mode: "Webhook" },
    clusterDomain: "cluster.local",
    clusterDNS: [dnsService],
    resolvConf: join(state, "resolv.conf"),
    failSwapOn: false,
    protectKernelDefaults: false,
    localStorageCapacityIsolation: false,
    // A disk that others have filled is no reason to end the pods.
    evictionHard: {
      "memory.available": "100Mi",
      "nodefs.available": "1%",
      "imagefs.available": "1%",
      "nodefs.inodesFree": "1%",
    },
    imageGCHighThresholdPercent: 100,
    syncFrequency: "5s",
    fileCheckFrequency: "5s",
    nodeStatusUpdateFrequency: "4s",
    oomScoreAdj: 0,
    registerNode: true,
  };
}

function kubeProxy({ name, podNetwork }: Site, { pki }: NodeFolders): unknown {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "iptables",
    hostnameOverride: `${name}-node`,
    clusterCIDR: podNetwork,
    oomScoreAdj: 0,
    clientConnection: { kubeconfig: join(pki, "proxy.kubeconfig") },
    // nf_conntrack_max cannot be written outside the first network namespace.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
  };
}

/** Every write of people and programs, so that "it wrote nothing" can be proven. */
const AUDIT = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [
    { level: "None", users: ["system:apiserver", "system:kube-scheduler"] },
    {
      level: "None",
      userGroups: ["system:nodes", "kube-system", OPERATOR_NAMESPACE].map((name) =>
        name.startsWith("system:") ? name : `system:serviceaccounts:${name}`
      ),
    },
    { level: "None", userGroups: ["system:authenticated"], verbs: ["get", "list", "watch"] },
    { level: "Metadata", userGroups: ["system:authenticated"] },
    { level: "None" },
  ],
};
