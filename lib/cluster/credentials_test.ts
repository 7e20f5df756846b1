import assert from "node:assert/strict";
import { NAMESPACES } from "../../manifests/core.ts";
import { SpirefedError } from "../errors.ts";
import { kubeContexts } from "./find_context.ts";
import { openCluster } from "./open_cluster.ts";
import { sharedAuthority, startApi, type TestApi } from "./testing_api.ts";
import { kubeconfigFor, NOW, openTest, testAccess, testHost } from "./testing_host.ts";

const NAMESPACE = { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } };
const V1 = "client.authentication.k8s.io/v1";

function echo(): Promise<TestApi> {
  return startApi({ respond: () => ({ body: NAMESPACE }) });
}

function credential(status: unknown): string {
  return JSON.stringify({ apiVersion: V1, kind: "ExecCredential", status });
}

function plugin(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { exec: { apiVersion: V1, command: "aws", args: ["get token", "$(id)"], ...changes } };
}

Deno.test("a token file is read again for each request, and goes before a token", async () => {
  await using api = await echo();
  const files: Record<string, string> = { "/home/me/.kube/tok": "first\n" };
  const { cluster } = await openTest(api, { user: { tokenFile: "tok", token: "old" }, files });

  await cluster.get(NAMESPACES, "n");
  const { host } = await openTest(api);
  assert.equal(host.plugins.length, 0);

  assert.equal(api.requests[0]?.headers.authorization, "Bearer first");
});

Deno.test("user and password go as basic authentication", async () => {
  await using api = await echo();
  const { cluster } = await openTest(api, { user: { username: "jo", password: "pä:ss" } });

  await cluster.get(NAMESPACES, "n");

  const [, encoded = ""] = api.requests[0]?.headers.authorization?.split(" ") ?? [];
  assert.equal(new TextDecoder().decode(Uint8Array.fromBase64(encoded)), "jo:pä:ss");
});

Deno.test("a client certificate is shown to the server", async () => {
  await using api = await startApi({
    respond: () => ({ body: NAMESPACE }),
    askForCertificate: true,
  });
  const { certificate, key } = await api.authority.client("jo");
  const { cluster } = await openTest(api, {
    user: { "client-certificate": "jo.crt", "client-key-data": btoa(key) },
    files: { "/home/me/.kube/jo.crt": certificate },
  });

  await cluster.get(NAMESPACES, "n");

  assert.equal(api.requests[0]?.clientName, "jo");
});

Deno.test("as, groups, uid and extra are sent, and flags go before them", async () => {
  await using api = await echo();
  const user = {
    token: "t",
    as: "jo",
    "as-uid": "7",
    "as-groups": ["a", "b"],
    "as-user-extra": { "example.org/Team": ["x", "y"] },
  };

  await (await openTest(api, { user })).cluster.get(NAMESPACES, "n");
  const flags = await openTest(api, { user, access: { as: "ann", asGroups: ["c"] } });
  await flags.cluster.get(NAMESPACES, "n");

  assert.deepEqual(impersonation(api.requests[0]?.rawHeaders ?? []), [
    "Impersonate-User: jo",
    "Impersonate-Group: a",
    "Impersonate-Group: b",
    "Impersonate-Uid: 7",
    "Impersonate-Extra-example.org%2FTeam: x",
    "Impersonate-Extra-example.org%2FTeam: y",
  ]);
  assert.deepEqual(impersonation(api.requests[1]?.rawHeaders ?? []).slice(0, 2), [
    "Impersonate-User: ann",
    "Impersonate-Group: c",
  ]);
});

function impersonation(rawHeaders: readonly string[]): readonly string[] {
  return rawHeaders.flatMap((name, at) =>
    at % 2 === 0 && /^impersonate/i.test(name) ? [`${name}: ${rawHeaders[at + 1]}`] : []
  );
}

Deno.test("a plugin gets its arguments as they are, its environment and the cluster's facts", async () => {
  await using api = await echo();
  const { cluster, host } = await openTest(api, {
    user: plugin({ env: [{ name: "A", value: "b" }], provideClusterInfo: true }),
    cluster: {
      extensions: [{ name: "client.authentication.k8s.io/exec", extension: { audience: "x" } }],
    },
    plugin: () => credential({ token: "from-plugin" }),
  });

  await cluster.get(NAMESPACES, "n");

  const [call] = host.plugins;
  assert.equal(api.requests[0]?.headers.authorization, "Bearer from-plugin");
  assert.deepEqual(call?.args, ["get token", "$(id)"]);
  assert.equal(call?.env["A"], "b");
  const { spec, apiVersion } = JSON.parse(call?.env["KUBERNETES_EXEC_INFO"] ?? "");
  assert.equal(apiVersion, V1);
  assert.equal(spec.interactive, false);
  assert.equal(spec.cluster.server, api.url);
  assert.equal(atob(spec.cluster["certificate-authority-data"]), api.authority.certificate);
  assert.deepEqual(spec.cluster.config, { audience: "x" });
});

Deno.test("a plugin is asked once in a process, until its credential expires", async () => {
  await using api = await echo();
  let now = NOW;
  const { cluster, host } = await openTest(api, {
    user: plugin(),
    now: () => now,
    plugin: (_call, nth) =>
      credential({ token: `t${nth}`, expirationTimestamp: "2026-11-24T13:00:00Z" }),
  });

  await Promise.all([cluster.get(NAMESPACES, "n"), cluster.get(NAMESPACES, "n")]);
  const again = await openCluster("east", testAccess(), host);
  await again.get(NAMESPACES, "n");
  assert.equal(host.plugins.length, 1);

  now = new Date("2026-11-24T13:00:00Z");
  await cluster.get(NAMESPACES, "n");
  assert.equal(host.plugins.length, 2);
  assert.equal(api.requests.at(-1)?.headers.authorization, "Bearer t2");
});

Deno.test("a 401 makes a plugin be asked anew, once", async () => {
  await using api = await startApi({
    respond: ({ headers }) =>
      headers.authorization === "Bearer t2" ? { body: NAMESPACE } : { status: 401 },
  });
  const good = await openTest(api, {
    user: plugin(),
    plugin: (_call, nth) => credential({ token: `t${nth}` }),
  });
  const bad = await openTest(api, { user: plugin(), plugin: () => credential({ token: "no" }) });

  assert.notEqual(await good.cluster.get(NAMESPACES, "n"), undefined);
  await assert.rejects(bad.cluster.get(NAMESPACES, "n"), { code: "http/401", exitCode: 5 });
  assert.equal(bad.host.plugins.length, 2);
});

Deno.test("calls side by side whose credential is refused have it renewed once, all of them", async () => {
  await using api = await startApi({
    respond: ({ headers }) =>
      headers.authorization === "Bearer t2" ? { body: NAMESPACE } : { status: 401 },
  });
  const { cluster, host } = await openTest(api, {
    user: plugin(),
    plugin: (_call, nth) => credential({ token: `t${nth}` }),
  });

  await Promise.all([1, 2, 3, 4].map(() => cluster.get(NAMESPACES, "n")));

  assert.equal(host.plugins.length, 2);
});

Deno.test("a plugin may give a client certificate", async () => {
  await using api = await startApi({
    respond: () => ({ body: NAMESPACE }),
    askForCertificate: true,
  });
  const { certificate, key } = await api.authority.client("from-plugin");
  const { cluster } = await openTest(api, {
    user: plugin(),
    plugin: () => credential({ clientCertificateData: certificate, clientKeyData: key }),
  });

  await cluster.get(NAMESPACES, "n");

  assert.equal(api.requests[0]?.clientName, "from-plugin");
});

const BAD_PLUGINS = [
  ["is not there", {}, { outcome: "missing" }, /"aws" was not found$/],
  ["fails", {}, { outcome: "exited", code: 2, stdout: new Uint8Array() }, /with exit code 2$/],
  ["prints no JSON", {}, "canary-token", /did not print an ExecCredential in JSON$/],
  ["prints something else", {}, '{"token":"canary-token"}', /did not print an ExecCredential of/],
  ["gives nothing", {}, credential({}), /neither a token nor a client certificate$/],
  ["gives half", {}, credential({ clientKeyData: "canary-token" }), /a key without its/],
  [
    "names no time",
    {},
    credential({ token: "canary-token", expirationTimestamp: "x" }),
    /no time$/,
  ],
  [
    "speaks an old version",
    { apiVersion: "client.authentication.k8s.io/v1alpha1" },
    "",
    /not supp/,
  ],
  ["must ask a person", { interactiveMode: "Always" }, "", /stdin is not a terminal$/],
] as const;

for (const [what, changes, output, message] of BAD_PLUGINS) {
  Deno.test(`a plugin that ${what} is reported without what it printed`, async () => {
    const { cluster } = await openTest({
      url: "https://127.0.0.1:1",
      authority: await sharedAuthority(),
    }, {
      user: plugin({ installHint: "Get it from\nexample.org", ...changes }),
      plugin: () => output,
    });

    const error = await cluster.get(NAMESPACES, "n").then(() => undefined, (error) => error);

    assert.ok(error instanceof SpirefedError);
    assert.match(error.message, message);
    assert.equal(error.code, "auth/plugin");
    assert.equal(error.remedy, "Get it from\\u000aexample.org");
    assert.ok(!`${error.message}${error.cause}${error.stack}`.includes("canary"));
  });
}

Deno.test("a hostile kubeconfig runs nothing by being read, completed or left unused", async () => {
  await using api = await echo();
  const config = JSON.parse(kubeconfigFor(api));
  config.users.push({ name: "evil", user: plugin({ command: "/tmp/leave-a-trace" }) });
  config.contexts.push({ name: "evil", context: { cluster: "c", user: "evil" } });
  const host = testHost({ files: { "/home/me/.kube/config": JSON.stringify(config) } });

  await kubeContexts({ kubeconfig: undefined }, host);
  await openCluster("evil", testAccess(), host);
  const east = await openCluster("east", testAccess(), host);
  await east.get(NAMESPACES, "n");

  assert.equal(api.requests.length, 1);
  assert.equal(host.plugins.length, 0);
});

const FOREIGN_USERS = [
  ["runs a plugin", plugin(), 'run "aws get token $(id)"'],
  ["reads a token elsewhere", { tokenFile: "../../home/me/token" }, "read /home/me/token"],
  [
    "reads a key elsewhere",
    { "client-key": "/home/me/key", "client-certificate": "c.pem" },
    "read /home/me/key",
  ],
  ["reads a token through a link", { tokenFile: "link" }, "read /desk/shared/link"],
] as const;

for (const [what, user, risk] of FOREIGN_USERS) {
  Deno.test(`a file#context that ${what} is asked about, and refused when nobody answers`, async () => {
    await using api = await echo();
    const config = kubeconfigFor(api, { user });
    const files = {
      "/desk/shared/k": config,
      "/home/me/token": "canary",
      "/desk/shared/link": "canary",
    };
    const links = { "/desk/shared/link": "/home/me/.ssh/id_ed25519" };
    const host = testHost({ files, links });
    const cluster = await openCluster("shared/k#east", testAccess(), host);
    assert.deepEqual(host.questions, []);

    await assert.rejects(cluster.get(NAMESPACES, "n"), {
      kind: "refused",
      exitCode: 4,
      code: "trust/kubeconfig",
      message: `[shared/k#east] /desk/shared/k wants to ${risk}, and nobody allowed it`,
    });

    assert.equal(api.requests.length, 0);
    assert.equal(host.plugins.length, 0);
    assert.deepEqual(host.read.filter((path) => /token|key|link/.test(path)), []);
  });
}

Deno.test("with consent a file#context is used, and asked about once", async () => {
  await using api = await echo();
  const host = testHost({
    files: { "/desk/k": kubeconfigFor(api, { user: plugin() }) },
    consent: true,
    plugin: () => credential({ token: "t" }),
  });
  const cluster = await openCluster("k#east", testAccess(), host);

  await cluster.get(NAMESPACES, "n");
  await cluster.get(NAMESPACES, "n");

  assert.deepEqual(host.questions, ['/desk/k wants to run "aws get token $(id)". Allow it?']);
});

Deno.test("a file#context whose secrets lie beside it needs no consent", async () => {
  await using api = await echo();
  const files = { "/desk/k": kubeconfigFor(api, { user: { tokenFile: "tok" } }), "/desk/tok": "t" };
  const host = testHost({ files });

  await (await openCluster("k#east", testAccess(), host)).get(NAMESPACES, "n");

  assert.deepEqual(host.questions, []);
});

Deno.test("a client certificate or authority that cannot be used is an error, not left out", async () => {
  await using api = await echo();
  const one = await api.authority.client("one");
  const other = await api.authority.client("other");
  const broken = one.certificate.replace(/\n[^\n]{20}/, "\nAAAAAAAAAAAAAAAAAAAA");
  const at = (certificate: string, key: string): Record<string, unknown> => ({
    user: { "client-certificate-data": btoa(certificate), "client-key-data": btoa(key) },
  });
  const cases = [
    [at("no", one.key), /the client certificate is not a certificate$/],
    [at(one.certificate, "no"), /the client key is not a private key in PEM$/],
    [at(one.certificate, other.key), /the client key is not that of the client certificate$/],
    [at(one.certificate, one.key.replaceAll("PRIVATE", "ENCRYPTED PRIVATE")), /is encrypted$/],
    [
      { cluster: { "certificate-authority-data": btoa(broken) } },
      /authority is not a certificate$/,
    ],
  ] as const;

  for (const [options, message] of cases) {
    const { cluster } = await openTest(api, options);

    await assert.rejects(cluster.get(NAMESPACES, "n"), { code: "auth/certificate", message });
  }
  assert.equal(api.requests.length, 0);
});
