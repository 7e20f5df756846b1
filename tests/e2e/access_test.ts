/** Ways in: exec over WebSocket, watches, tokens and credential plugins, against real servers. */
import assert from "node:assert/strict";
import { createSign } from "node:crypto";
import { join } from "node:path";
import { CONFIG_MAPS } from "../../manifests/core.ts";
import type { ContainerKey } from "../../lib/cluster/cluster.ts";
import { openPair, type TestCluster } from "./clusters.ts";
import { asProgram } from "./as_program.ts";
import { hire, MINIMUM_FOR_PEER } from "./people.ts";
import { KUBECONFIG, RUN } from "./paths.ts";
import { kubectl } from "./clusters.ts";
import { spirefed } from "./program.ts";
import { proxyTo } from "./proxy.ts";
import { restartApiServer } from "./switches.ts";
import { OPERATOR_NAMESPACE } from "./topology.ts";

const [east] = await openPair();

/** A container with a shell. */
async function shell(cluster: TestCluster): Promise<ContainerKey> {
  const { stdout } = await kubectl(cluster, [
    ...["-n", OPERATOR_NAMESPACE, "get", "pods", "-l", "app.kubernetes.io/name=spire-agent"],
    ...["-o", "jsonpath={.items[0].metadata.name}"],
  ]);
  return { namespace: OPERATOR_NAMESPACE, pod: stdout, container: "spire-agent" };
}

const container = await shell(east);

Deno.test("exec carries megabytes in and out, and every exit code", async () => {
  const cluster = await asProgram(east);
  const stdin = new Uint8Array(8 * 1024 * 1024).map((_, at) => 97 + at % 26);

  const echo = await cluster.exec(container, ["cat"], { stdin });
  assert.equal(echo.code, 0);
  assert.equal(echo.stdout.length, stdin.length);
  assert.ok(echo.stdout === new TextDecoder().decode(stdin), "what came back is what went in");
  for (const code of [0, 1, 3, 42, 255]) {
    const words = ["sh", "-c", `echo out; echo err >&2; exit ${code}`];
    assert.deepEqual(await cluster.exec(container, words), {
      code,
      stdout: "out\n",
      stderr: "err\n",
    });
  }
});

Deno.test("exec that is cut has no exit code to tell, however much came before", async () => {
  await using proxy = await proxyTo(east, {
    onRequest: (line) => line.includes("/exec") ? { afterBytes: 100_000 } : undefined,
  });
  const cluster = await asProgram(east, proxy.kubeconfig);

  await assert.rejects(
    cluster.exec(container, ["sh", "-c", "while :; do cat /spire-agent; done"]),
    /\[east\] exec.*(cut|ended|closed|reset)/s,
  );
});

Deno.test("exec output without end is refused at its limit", async () => {
  const cluster = await asProgram(east);
  await assert.rejects(
    cluster.exec(container, ["sh", "-c", "while :; do cat /spire-agent; done"]),
    /\[east\] exec.*(MiB|too large|more than)/s,
  );
});

Deno.test("a watch outlives a restart of the API server", async () => {
  const cluster = await asProgram(east);
  const stop = new AbortController();
  const at = { name: "watched", namespace: "default" };
  const object = (value: string) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: at,
    data: { value },
  });
  await east.api.apply(object("first"));
  const seen: string[] = [];
  for await (
    const { type, object: { data } } of cluster.watch(CONFIG_MAPS, { ...at, signal: stop.signal })
  ) {
    seen.push(`${type} ${data["value"]}`);
    if (seen.length === 1) {
      await restartApiServer(east);
      await east.api.apply(object("second"));
    }
    if (data["value"] === "second") break;
  }
  stop.abort();
  await east.api.delete({ apiVersion: "v1", kind: "ConfigMap", metadata: at });
  assert.deepEqual([seen[0], seen.at(-1)], ["ADDED first", "MODIFIED second"]);
});

/** A kubeconfig with these credentials in place of the administrator's. */
async function accessWith(name: string, user: unknown): Promise<string> {
  const config = JSON.parse(await Deno.readTextFile(KUBECONFIG));
  for (const entry of config.users) entry.user = user;
  const path = join(RUN, `kubeconfig-${name}`);
  await Deno.writeTextFile(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}

/** A token that the cluster's own key signed, for a time that is over. */
async function expiredToken(): Promise<string> {
  const key = await Deno.readTextFile(join(RUN, "east/pki/accounts.key"));
  const part = (value: unknown): string =>
    new TextEncoder().encode(JSON.stringify(value)).toBase64({
      alphabet: "base64url",
      omitPadding: true,
    });
  const now = Math.floor(Date.now() / 1000);
  const body = [
    part({ alg: "RS256", typ: "JWT" }),
    part({
      iss: "https://kubernetes.default.svc",
      aud: ["https://kubernetes.default.svc"],
      sub: "system:serviceaccount:people:late",
      iat: now - 7200,
      exp: now - 3600,
    }),
  ].join(".");
  return `${body}.${createSign("RSA-SHA256").update(body).sign(key, "base64url")}`;
}

Deno.test("a token that has expired is told from one that may do nothing", async () => {
  const kubeconfig = await accessWith("expired", { token: await expiredToken() });
  const fetched = await spirefed(["bundle", "fetch", "--context", "east"], { kubeconfig });

  assert.equal(fetched.code, 5, fetched.stderr);
  assert.match(fetched.stderr, /\[east\].*401 Unauthorized/s);
  assert.match(fetched.stderr, /next: .*--context/);
});

Deno.test("a credential plugin is run, and run again when its token is refused", async () => {
  const path = await hire("plugged", MINIMUM_FOR_PEER, [east]);
  const good = JSON.parse(await Deno.readTextFile(path)).users[0].user.token;
  const count = join(RUN, "plugin-runs");
  await Deno.remove(count).catch(() => {});
  const credential = (token: string): string =>
    JSON.stringify({
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      status: { token },
    });
  const script = `echo run >>'${count}'
if [ "$(wc -l <'${count}')" = 1 ]; then echo '${credential(await expiredToken())}'
else echo '${credential(good)}'; fi`;
  const kubeconfig = await accessWith("plugged-in", {
    exec: {
      apiVersion: "client.authentication.k8s.io/v1",
      command: "sh",
      args: ["-c", script],
      interactiveMode: "Never",
    },
  });

  const fetched = await spirefed(["bundle", "fetch", "--context", "east"], { kubeconfig });

  assert.equal(fetched.code, 0, fetched.stderr);
  assert.equal((await Deno.readTextFile(count)).trim().split("\n").length, 2);
});
