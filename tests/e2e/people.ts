/**
 * People with fewer rights than an administrator: service accounts, their tokens, and
 * kubeconfigs made of these.
 *
 * @module
 */
import { join } from "node:path";
import type { TestCluster } from "./clusters.ts";
import { RUN } from "./paths.ts";
import { readState } from "./state.ts";
import { OPERATOR_NAMESPACE } from "./topology.ts";

const NAMESPACE = "people";
const RBAC = "rbac.authorization.k8s.io";

/** What somebody may do: everywhere, and in the operator's namespace. */
export interface Rights {
  readonly cluster: readonly Right[];
  readonly operator: readonly Right[];
}

/** Verbs on resources of one group. */
export type Right = readonly [
  group: string,
  resources: readonly string[],
  verbs: readonly string[],
];

/** The documented minimum for `peer`: proof by the server's log, no pods/exec. */
export const MINIMUM_FOR_PEER: Rights = {
  cluster: [
    ["", ["namespaces"], ["get"]],
    ["config.openshift.io", ["ingresses"], ["get"]],
    ["operator.openshift.io", ["spireservers", "zerotrustworkloadidentitymanagers"], ["get"]],
    ["spire.spiffe.io", ["clusterfederatedtrustdomains"], ["get", "list", "create", "patch"]],
  ],
  operator: [
    ["", ["configmaps"], ["get"]],
    ["", ["pods", "pods/log"], ["get"]],
    ["route.openshift.io", ["routes"], ["get", "list"]],
  ],
};

/** Makes a person in every cluster, and answers a kubeconfig with a context for each. */
export async function hire(
  name: string,
  rights: Rights,
  clusters: readonly TestCluster[],
): Promise<string> {
  const admins = (await readState())?.admins ?? [];
  const entries = [];
  for (const cluster of clusters) {
    const authority = admins.find(({ site }) => site.name === cluster.site.name)?.authority ?? "";
    entries.push({ cluster, authority, token: await hireAt(name, rights, cluster) });
  }
  const path = join(RUN, `kubeconfig-${name}`);
  await Deno.writeTextFile(path, tokenConfig(name, entries), { mode: 0o600 });
  return path;
}

async function hireAt(name: string, rights: Rights, { api }: TestCluster): Promise<string> {
  await api.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  const metadata = { name, namespace: NAMESPACE };
  await api.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata });
  await grant(api, name, "Cluster", rights.cluster);
  await grant(api, name, "", rights.operator);
  const path = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${name}/token`;
  const response = await api.request("POST", path, {
    type: "application/json",
    body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} },
  });
  return (await response.json()).status.token;
}

async function grant(
  api: TestCluster["api"],
  person: string,
  scope: "Cluster" | "",
  rights: readonly Right[],
): Promise<void> {
  const name = `person-${person}`;
  const metadata = { name, ...(scope === "" ? { namespace: OPERATOR_NAMESPACE } : {}) };
  const some = rights.filter(([, resources, verbs]) => resources.length > 0 && verbs.length > 0);
  const rules = some.map(([group, resources, verbs]) => ({
    apiGroups: [group],
    resources,
    verbs,
  }));
  const kind = `${scope}Role`;
  await api.apply({ apiVersion: `${RBAC}/v1`, kind, metadata, rules });
  await api.apply({
    apiVersion: `${RBAC}/v1`,
    kind: `${kind}Binding`,
    metadata,
    roleRef: { apiGroup: RBAC, kind, name },
    subjects: [{ kind: "ServiceAccount", name: person, namespace: NAMESPACE }],
  });
}

interface Entry {
  readonly cluster: TestCluster;
  readonly authority: string;
  readonly token: string;
}

function tokenConfig(person: string, entries: readonly Entry[]): string {
  const name = ({ cluster }: Entry): string => cluster.site.name;
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: entries.map((entry) => ({
      name: name(entry),
      cluster: {
        server: `https://${entry.cluster.site.address}:6443`,
        "certificate-authority-data": btoa(entry.authority),
      },
    })),
    users: entries.map((entry) => ({
      name: `${person}@${name(entry)}`,
      user: { token: entry.token },
    })),
    contexts: entries.map((entry) => ({
      name: name(entry),
      context: { cluster: name(entry), user: `${person}@${name(entry)}` },
    })),
  });
}
