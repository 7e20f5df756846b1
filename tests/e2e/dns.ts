/**
 * Names: one server for the fabric, which knows the routers' wildcard domains, and
 * one in each cluster, which knows Services and asks the former for the rest.
 *
 * @module
 */
import { join } from "node:path";
import type { KubernetesObject } from "./api.ts";
import { imageReference } from "./images.ts";
import { inNetwork } from "./network.ts";
import { PROGRAMS, RUN } from "./paths.ts";
import { type Daemon, start } from "./process.ts";
import { FABRIC, FABRIC_ADDRESS, ROUTER_ADDRESS, type Site, SITES } from "./topology.ts";

/** Starts the fabric's DNS server, and writes the resolver configuration that points to it. */
export async function startFabricDns(): Promise<Daemon> {
  const domains = SITES.map(({ trustDomain }) => trustDomain).join(" ");
  const corefile = join(RUN, "Corefile");
  await Deno.writeTextFile(
    corefile,
    `.:53 {
  bind ${FABRIC_ADDRESS}
  template IN A ${domains} {
    answer "{{ .Name }} 5 IN A ${ROUTER_ADDRESS}"
  }
  template IN AAAA ${domains} {
    rcode NOERROR
  }
  template IN ANY . {
    rcode NXDOMAIN
  }
}
`,
  );
  await Deno.writeTextFile(join(RUN, "resolv.conf"), `nameserver ${FABRIC_ADDRESS}\n`);
  const command = [...inNetwork(FABRIC), join(PROGRAMS, "coredns"), "-conf", corefile];
  return await start(command as [string, ...string[]], join(RUN, "dns.log"));
}

/** CoreDNS in a cluster. */
export function clusterDns({ dnsService }: Site): readonly KubernetesObject[] {
  const namespace = "kube-system";
  const labels = { "k8s-app": "kube-dns" };
  const metadata = { name: "coredns", namespace };
  const watch = ["list", "watch"];
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "coredns" },
      rules: [
        { apiGroups: [""], resources: ["services", "namespaces"], verbs: watch },
        { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: watch },
      ],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "coredns" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "coredns" },
      subjects: [{ kind: "ServiceAccount", name: "coredns", namespace }],
    },
    { apiVersion: "v1", kind: "ConfigMap", metadata, data: { Corefile: CLUSTER_COREFILE } },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "kube-dns", namespace },
      spec: {
        clusterIP: dnsService,
        selector: labels,
        ports: [
          { name: "dns", port: 53, protocol: "UDP" },
          { name: "dns-tcp", port: 53, protocol: "TCP" },
        ],
      },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: dnsPod() },
      },
    },
  ];
}

const CLUSTER_COREFILE = `.:53 {
  errors
  ready
  kubernetes cluster.local in-addr.arpa
  forward . ${FABRIC_ADDRESS}
}
`;

function dnsPod(): unknown {
  return {
    serviceAccountName: "coredns",
    dnsPolicy: "Default",
    terminationGracePeriodSeconds: 1,
    containers: [{
      name: "coredns",
      image: imageReference("coredns"),
      imagePullPolicy: "Never",
      args: ["-conf", "/etc/coredns/Corefile"],
      readinessProbe: { httpGet: { path: "/ready", port: 8181 }, periodSeconds: 1 },
      volumeMounts: [{ name: "configuration", mountPath: "/etc/coredns" }],
    }],
    volumes: [{ name: "configuration", configMap: { name: "coredns" } }],
  };
}
