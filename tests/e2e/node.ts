/**
 * One node with everything that makes it a cluster: etcd, API server, controller
 * manager, scheduler, containerd, kubelet and kube-proxy, all real.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { ApiServer } from "./api.ts";
import { ensure, isThere } from "./build.ts";
import { configurationFiles, type NodeFolders } from "./configuration.ts";
import { CGROUP_CONTROLLERS } from "./machine.ts";
import { inNetwork } from "./network.ts";
import { HERE, PROGRAMS, RUN } from "./paths.ts";
import { type Access, writePki } from "./pki.ts";
import { type Daemon, start, startTime, until } from "./process.ts";
import { linkStore } from "./store.ts";
import type { Site } from "./topology.ts";

/** A node that runs. */
export interface Node {
  readonly admin: Access;
  readonly api: ApiServer;
  /** The first process of the node: when it ends, all of the node ends. */
  readonly init: Daemon;
}

/** Brings up one cluster, up to a node that is ready for pods. */
export async function startNode(
  site: Site,
  onInit: (init: Daemon) => Promise<void>,
): Promise<Node> {
  const folders = await makeFolders(site);
  const { authority, admin: identity } = await writePki(site, folders.pki);
  const admin: Access = { site, user: "admin", identity, authority: authority.pem };
  for (const [name, text] of Object.entries(configurationFiles(site, folders))) {
    await ensure(dirname(join(folders.state, name)));
    await Deno.writeTextFile(join(folders.state, name), text);
  }
  await makeCgroups(site);
  const init = await startInit(site, folders);
  await onInit(init);
  const api = new ApiServer(admin);
  const launch = launcher(init, folders);
  await startControlPlane(site, folders, launch, api);
  await startKubelet(site, folders, launch, api, init);
  return { admin, api, init };
}

async function makeFolders({ name }: Site): Promise<NodeFolders> {
  const state = join(RUN, name);
  const folders = { state, pki: join(state, "pki"), logs: join(state, "logs") };
  for (const folder of Object.values(folders)) await ensure(folder);
  await linkStore(await ensure(join(state, "containerd")));
  return folders;
}

/** A kubelet expects its root in every controller; a cpuset that is empty takes no process. */
async function makeCgroups({ cgroup }: Site): Promise<void> {
  for (const controller of CGROUP_CONTROLLERS) {
    await ensure(`/sys/fs/cgroup/${controller}/${cgroup}`);
  }
  for (const file of ["cpuset.cpus", "cpuset.mems"]) {
    const all = await Deno.readTextFile(`/sys/fs/cgroup/cpuset/${file}`);
    await Deno.writeTextFile(`/sys/fs/cgroup/cpuset/${cgroup}/${file}`, all);
  }
}

async function startInit(site: Site, { state, logs }: NodeFolders): Promise<Daemon> {
  const script = [join(HERE, "node.sh"), site.name, state];
  const parent = await start([
    ...inNetwork(site.namespace),
    ...["unshare", "--mount", "--pid", "--fork", "--uts", "--mount-proc", "--kill-child"],
    ...["--propagation", "private", "sh", ...script],
  ], join(logs, "node.log"));
  await until(`node ${site.name}`, () => isThere(join(state, "ready")), 10);
  const children = await Deno.readTextFile(`/proc/${parent.pid}/task/${parent.pid}/children`);
  const pid = Number(children.trim());
  return { pid, started: await startTime(pid) ?? "" };
}

type Launch = (name: string, command: readonly string[]) => Promise<void>;

// Memory for time: garbage is collected a third as often.
const GO = "GOGC=300";

/** Starts programs inside the node; they end with it. `nsenter -m` needs absolute paths. */
function launcher({ pid }: Daemon, { logs }: NodeFolders): Launch {
  return async (name, command) => {
    await start(
      [...intoNode(pid), "env", `PATH=${PROGRAMS}:/usr/sbin:/usr/bin:/sbin:/bin`, GO, ...command],
      join(logs, `${name}.log`),
    );
  };
}

/** What puts a command into a node. */
export function intoNode(init: number): [string, ...string[]] {
  return ["nsenter", "-t", `${init}`, "-m", "-n", "-p", "-u"];
}

async function startControlPlane(
  site: Site,
  folders: NodeFolders,
  launch: Launch,
  api: ApiServer,
): Promise<void> {
  const etcd = "http://127.0.0.1:2379";
  await launch("etcd", [
    ...[join(PROGRAMS, "etcd"), "--name", site.name, "--data-dir", join(folders.state, "etcd")],
    ...["--listen-client-urls", etcd, "--advertise-client-urls", etcd],
    ...["--listen-peer-urls", "http://127.0.0.1:2380", "--unsafe-no-fsync", "--log-level", "warn"],
  ]);
  await launch("containerd", [
    "/usr/bin/containerd",
    "--config",
    join(folders.state, "containerd.toml"),
  ]);
  await launch("apiserver", apiServer(site, folders, etcd));
  await until(`API server ${site.name}`, async () => {
    const response = await api.request("GET", "/readyz");
    return await response.text() === "ok";
  });
  await launch("controller-manager", controllerManager(folders));
  const scheduler = join(folders.pki, "scheduler.kubeconfig");
  await launch("scheduler", [
    ...[join(PROGRAMS, "kube-scheduler"), `--kubeconfig=${scheduler}`, "--leader-elect=false"],
    ...[`--authentication-kubeconfig=${scheduler}`, `--authorization-kubeconfig=${scheduler}`],
    // Now and then it misses that a claim was bound, and looks at the pod again after 5 minutes.
    "--pod-max-in-unschedulable-pods-duration=5s",
  ]);
}

function apiServer(
  { address, serviceNetwork }: Site,
  { state, pki, logs }: NodeFolders,
  etcd: string,
): readonly string[] {
  return [
    join(PROGRAMS, "kube-apiserver"),
    `--etcd-servers=${etcd}`,
    "--secure-port=6443",
    "--bind-address=0.0.0.0",
    `--advertise-address=${address}`,
    `--tls-cert-file=${pki}/apiserver.crt`,
    `--tls-private-key-file=${pki}/apiserver.key`,
    `--client-ca-file=${pki}/ca.crt`,
    "--authorization-mode=Node,RBAC",
    "--enable-admission-plugins=NodeRestriction",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${pki}/accounts.pub`,
    `--service-account-signing-key-file=${pki}/accounts.key`,
    `--service-cluster-ip-range=${serviceNetwork}`,
    `--kubelet-client-certificate=${pki}/admin.crt`,
    `--kubelet-client-key=${pki}/admin.key`,
    "--kubelet-preferred-address-types=InternalIP",
    "--allow-privileged=true",
    "--endpoint-reconciler-type=lease",
    "--profiling=false",
    `--audit-policy-file=${state}/audit.json`,
    `--audit-log-path=${logs}/audit.log`,
    "--audit-log-mode=blocking",
  ];
}

function controllerManager({ pki }: NodeFolders): readonly string[] {
  const access = join(pki, "controller-manager.kubeconfig");
  return [
    join(PROGRAMS, "kube-controller-manager"),
    `--kubeconfig=${access}`,
    `--authentication-kubeconfig=${access}`,
    `--authorization-kubeconfig=${access}`,
    `--root-ca-file=${pki}/ca.crt`,
    `--service-account-private-key-file=${pki}/accounts.key`,
    "--use-service-account-credentials=true",
    "--leader-elect=false",
    // Nobody asks for a certificate here, and each of four signers would watch its files.
    "--controllers=*,-certificatesigningrequest-signing-controller",
  ];
}

async function startKubelet(
  site: Site,
  { state, pki }: NodeFolders,
  launch: Launch,
  api: ApiServer,
  init: Daemon,
): Promise<void> {
  const socket = `/proc/${init.pid}/root/run/containerd/containerd.sock`;
  await until(`containerd ${site.name}`, () => isThere(socket), 20);
  const name = `${site.name}-node`;
  await launch("kubelet", [
    // One that finds containerd not ready yet ends; as on any node, it is started again.
    ...["/bin/sh", "-c", 'while :; do "$@"; sleep 1; done', "sh"],
    join(PROGRAMS, "kubelet"),
    `--config=${state}/kubelet.json`,
    `--kubeconfig=${pki}/kubelet.kubeconfig`,
    `--hostname-override=${name}`,
    `--node-ip=${site.address}`,
    "--v=2",
  ]);
  await api.apply({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "kube-proxy" },
    roleRef: {
      apiGroup: "rbac.authorization.k8s.io",
      kind: "ClusterRole",
      name: "system:node-proxier",
    },
    subjects: [{
      apiGroup: "rbac.authorization.k8s.io",
      kind: "User",
      name: "system:kube-proxy",
    }],
  });
  await launch("kube-proxy", [join(PROGRAMS, "kube-proxy"), `--config=${state}/kube-proxy.json`]);
  await until(`node ${site.name} to be ready`, async () => {
    const node = await api.get({ apiVersion: "v1", kind: "Node", metadata: { name } });
    return node?.status?.conditions?.some((condition: { type: string; status: string }) =>
      condition.type === "Ready" && condition.status === "True"
    );
  });
}
