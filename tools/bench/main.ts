/**
 * `deno task bench`: times what is built against what a user would type instead, on
 * practice clusters, and writes docs/performance.md. `--rounds N`, `--no-write`.
 *
 * @module
 */
import { build } from "../build.ts";
import { bundleProgram, ROOT } from "../build/bundle.ts";
import { launcher } from "../build/launcher.ts";
import { type Sandbox, startSandbox } from "../../sandbox/tls/sandbox.ts";
import { measure, type Measured, type Pair, type Subject } from "./measure.ts";
import { type Machine, performancePage } from "./report.ts";

const NAMESPACE = "zero-trust-workload-identity-manager";
const PROBE = "tools/bench/one_request.ts";

/** The tools of one run. */
interface Bench {
  readonly folder: string;
  readonly sandbox: Sandbox;
  readonly rounds: number;
  readonly env: Readonly<Record<string, string>>;
}

if (import.meta.main) {
  const before = Deno.loadavg()[0] ?? 0;
  const folder = await Deno.makeTempDir({ dir: cacheFolder(), prefix: "oc-spirefed-bench-" });
  try {
    await using sandbox = await startSandbox();
    const bench = await prepare(folder, sandbox);
    const all: Measured[] = [];
    for (const pair of pairs(bench)) {
      all.push(await measure(pair));
      const { ratio, ours, theirs } = all.at(-1) as Measured;
      say(`${pair.name}: ${ratio.toFixed(2)} (${Math.round(ours)} / ${Math.round(theirs)} ms)`);
    }
    if (!Deno.args.includes("--no-write")) await write(all, before);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Not the temporary folder: compiled programs from there are kept nowhere. */
function cacheFolder(): string {
  const folder = Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME")}/.cache`;
  Deno.mkdirSync(folder, { recursive: true });
  return folder;
}

async function prepare(folder: string, sandbox: Sandbox): Promise<Bench> {
  await build(new URL(`file://${folder}/`));
  const probe = launcher("path") + await bundleProgram(PROBE);
  await Deno.writeTextFile(`${folder}/one-request`, probe, { mode: 0o755 });
  await Deno.writeTextFile(`${folder}/guide-fetch`, guideFetch(sandbox), { mode: 0o755 });
  await Deno.writeTextFile(`${folder}/guide-peer`, guidePeer(sandbox), { mode: 0o755 });
  const denoFolder = new URL(".", `file://${Deno.execPath()}`).pathname;
  const at = Deno.args.indexOf("--rounds");
  return {
    folder,
    sandbox,
    rounds: at < 0 ? 21 : Number(Deno.args[at + 1]),
    env: {
      PATH: `${folder}:${denoFolder}:${Deno.env.get("PATH")}`,
      HOME: folder,
      KUBECONFIG: sandbox.kubeconfig,
      SPIREFED_CONNECT_TO: sandbox.connectTo,
    },
  };
}

function pairs({ folder, sandbox, rounds, env }: Bench): readonly Pair[] {
  const subject = (...argv: readonly string[]): Subject => ({ argv, env });
  const ours = (...words: readonly string[]): Subject => subject(`${folder}/oc-spirefed`, ...words);
  const client = subject("kubectl", "version", "--client");
  const start = { theirs: client, against: "`kubectl version --client`", rounds };
  const get = ["kubectl", "--context", "east", "-n", NAMESPACE, "get", "configmap", "spire-bundle"];
  return [
    {
      name: "completion of contexts",
      ours: ours("complete", "--", "peer", ""),
      goal: 0.8,
      ...start,
    },
    { name: "`--help`", ours: ours("--help"), goal: 0.8, ...start },
    { name: "`version`", ours: ours("version"), goal: 0.8, ...start },
    { name: "a usage error", ours: ours("peer", "--bogus"), goal: 1.3, code: 2, ...start },
    {
      name: "one request",
      ours: subject(`${folder}/one-request`),
      theirs: subject(...get, "-o", "yaml"),
      against: "`kubectl get configmap`",
      goal: 2,
      rounds,
    },
    {
      name: "`bundle fetch --context east`",
      ours: ours("bundle", "fetch", "--context", "east"),
      theirs: subject(`${folder}/guide-fetch`),
      against: "by hand: the domain by kubectl, then curl",
      goal: 1,
      rounds,
    },
    {
      name: "`peer east west`",
      ours: ours("peer", "east", "west"),
      theirs: subject(`${folder}/guide-peer`),
      against: "by hand: curl, jq, apply, get, exec, on both sides",
      goal: 0.25,
      rounds: Math.ceil(rounds / 2),
      reset: () => forget(sandbox, env),
    },
  ];
}

/** Takes all trust away, as `kubectl delete` would, and waits until it is gone. */
async function forget({ contexts, mount }: Sandbox, env: Bench["env"]): Promise<void> {
  for (const context of contexts) {
    const args = ["--context", context, "delete", "clusterfederatedtrustdomain", "--all"];
    await new Deno.Command("kubectl", { args, env, clearEnv: true, stdout: "null" }).output();
  }
  for (const context of contexts) {
    const { trustDomain } = mount.cluster(context);
    for (const stored of mount.cluster(context).spire.stored.keys()) {
      if (stored === trustDomain) continue;
      const words = ["exec", "-n", NAMESPACE, "spire-server-0", "-c", "spire-server", "--"];
      const remove = ["/spire-server", "bundle", "delete", "-id", `spiffe://${stored}`];
      const args = ["--context", context, ...words, ...remove, "-mode", "dissociate"];
      await new Deno.Command("kubectl", { args, env, clearEnv: true, stdout: "null" }).output();
    }
  }
}

/** What a person types to get a cluster's bundle without this program. It verifies nothing. */
function guideFetch({ connectTo }: Sandbox): string {
  const [east] = connectTo.split(",");
  return `#!/bin/sh
set -e
domain=$(kubectl --context east get ingresses.config.openshift.io cluster -o 'jsonpath={.spec.domain}')
curl -skf --connect-to ${east} "https://federation.$domain"
`;
}

/** What a person types to federate two clusters without this program. It proves little. */
function guidePeer({ connectTo }: Sandbox): string {
  const redirects = connectTo.split(",").map((one) => `--connect-to ${one}`).join(" ");
  const exec = `exec -n ${NAMESPACE} spire-server-0 -c spire-server -- /spire-server bundle list ` +
    `-socketPath /tmp/spire-server/private/api.sock`;
  return `#!/bin/sh
set -e
cd "$HOME"
for side in east west; do
  curl -skf ${redirects} https://federation.apps.$side.example >$side.json
  jq '.keys | length' <$side.json
done
declare_peer() {
  cat >cfdt-$1.yaml <<EOF
apiVersion: spire.spiffe.io/v1alpha1
kind: ClusterFederatedTrustDomain
metadata:
  name: federation-to-$2
spec:
  trustDomain: apps.$2.example
  bundleEndpointURL: https://federation.apps.$2.example
  bundleEndpointProfile:
    type: https_spiffe
    endpointSPIFFEID: spiffe://apps.$2.example/spire/server
  className: ${NAMESPACE}-spire
  trustDomainBundle: |
EOF
  sed 's/^/    /' <$2.json >>cfdt-$1.yaml
  kubectl --context $1 apply -f cfdt-$1.yaml
  kubectl --context $1 get clusterfederatedtrustdomain
}
declare_peer east west
declare_peer west east
for side in east west; do kubectl --context $side ${exec}; done
`;
}

async function write(all: readonly Measured[], before: number): Promise<void> {
  const page = performancePage(await machine(before), all, await notes());
  await Deno.writeTextFile(new URL("docs/performance.md", ROOT), page);
}

/** What a person found out about the figures is kept from page to page. */
async function notes(): Promise<string> {
  const old = await Deno.readTextFile(new URL("docs/performance.md", ROOT)).catch(() => "");
  const at = old.indexOf("## ");
  return at < 0 ? "" : old.slice(at);
}

async function machine(before: number): Promise<Machine> {
  const cpu = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  const [, processor = "unknown processor"] = /^model name\s*: (.*)$/m.exec(cpu) ?? [];
  const { stdout } = await new Deno.Command("kubectl", { args: ["version", "--client"] }).output();
  const [, kubectl = "?"] = /Client Version: (\S+)/.exec(new TextDecoder().decode(stdout)) ?? [];
  return {
    processor,
    cores: navigator.hardwareConcurrency,
    memoryGiB: Math.round(Deno.systemMemoryInfo().total / 2 ** 30),
    system: `${Deno.build.os} ${Deno.osRelease()}`,
    tools: [`Deno ${Deno.version.deno}`, `kubectl ${kubectl}`],
    day: new Date().toISOString().slice(0, 10),
    load: [before, Deno.loadavg()[0] ?? 0],
  };
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
