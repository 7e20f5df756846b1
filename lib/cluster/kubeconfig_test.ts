import assert from "node:assert/strict";
import { SpirefedError } from "../errors.ts";
import { mergeKubeconfigs } from "./kubeconfig.ts";

const FIRST = `
current-context: one
clusters:
- name: c
  cluster: { server: "https://first:6443", certificate-authority: pki/ca.crt }
users:
- name: u
  user: { tokenFile: ../token, client-key: pki/u.key }
contexts:
- name: one
  context: { cluster: c, user: u }
`;

const SECOND = `
current-context: two
clusters:
- name: c
  cluster: { server: "https://second:6443", tls-server-name: other }
- name: d
  cluster: { server: "https://third:6443", proxy-url: "http://proxy:3128" }
users:
- name: u
  user: { username: joe, password: p }
- name: v
  user:
    exec: { apiVersion: client.authentication.k8s.io/v1, command: ./bin/plugin, args: [a, b] }
contexts:
- name: one
  context: { cluster: d, user: v }
- name: default/api-east:6443/admin
  context: { cluster: d, user: v }
`;

Deno.test("mergeKubeconfigs() lets the first file win, whole entry by whole entry", () => {
  const merged = mergeKubeconfigs([
    { path: "/a/config", text: FIRST },
    { path: "/none", text: undefined },
    { path: "/empty", text: "# nothing yet\n" },
    { path: "/b/config", text: SECOND },
  ]);

  assert.equal(merged.currentContext, "one");
  assert.equal(merged.clusters.get("c")?.server, "https://first:6443");
  assert.equal(merged.clusters.get("c")?.tlsServerName, undefined);
  assert.equal(merged.users.get("u")?.username, undefined);
  assert.deepEqual(merged.contexts.get("one"), { cluster: "c", user: "u" });
  assert.deepEqual([...merged.contexts.keys()], ["one", "default/api-east:6443/admin"]);
});

Deno.test("mergeKubeconfigs() takes paths relative to the file they stand in", () => {
  const merged = mergeKubeconfigs([
    { path: "/a/config", text: FIRST },
    { path: "/b/c/config", text: SECOND },
  ]);

  assert.equal(merged.clusters.get("c")?.certificateAuthority, "/a/pki/ca.crt");
  assert.equal(merged.users.get("u")?.tokenFile, "/token");
  assert.equal(merged.users.get("u")?.clientKey, "/a/pki/u.key");
  assert.equal(merged.users.get("v")?.exec?.command, "/b/c/bin/plugin");
});

Deno.test("mergeKubeconfigs() leaves a bare plugin name to PATH", () => {
  const text = "users: [{ name: u, user: { exec: { command: aws } } }]";

  const { users } = mergeKubeconfigs([{ path: "/a/config", text }]);

  assert.equal(users.get("u")?.exec?.command, "aws");
});

const MALFORMED = [
  ["not YAML", "a: [", /^Kubeconfig \/k line 1, column \d+ is not YAML: /],
  ["a list", "- a", /^Kubeconfig \/k: the document must be a mapping$/],
  ["a number for a name", "users: [{ name: 1 }]", /users\[0\]\.name must be a string: put it in/],
  ["a mapping for a list", "clusters: { a: b }", /^Kubeconfig \/k: clusters must be a list$/],
  ["a name twice", "users: [{ name: u }, { name: u }]", /users\[1\]\.name stands twice/],
  ["no command", "users: [{ name: u, user: { exec: {} } }]", /user\.exec\.command is missing$/],
  [
    "an odd flag",
    "clusters: [{ name: c, cluster: { insecure-skip-tls-verify: maybe } }]",
    /insecure-skip-tls-verify must be true or false$/,
  ],
] as const;

for (const [what, text, message] of MALFORMED) {
  Deno.test(`mergeKubeconfigs() names the file and the place of ${what}`, () => {
    const read = (): unknown => mergeKubeconfigs([{ path: "/k", text }]);

    assert.throws(read, (error) => {
      assert.ok(error instanceof SpirefedError);
      assert.equal(error.exitCode, 2);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("mergeKubeconfigs() repeats nothing of a malformed file, which may be a secret", () => {
  const canary = "canary0secret";
  const texts = [
    `users: [{ name: u, user: { token: *${canary} } }]`,
    `users: [{ name: u, user: { token: "${canary}\n`,
    `token: ${canary}: x: y`,
    `"${canary}": 1\n"${canary}": 2`,
    `users: [{ name: u, user: { token: !${canary} x } }]`,
    `users: [{ name: u, user: { token: { a: ${canary} } } }]`,
    `users: [{ name: u, user: { token: [${canary}] } }]`,
  ];

  for (const text of texts) {
    const problem = failureOf(() => mergeKubeconfigs([{ path: "/k", text }]));

    assert.ok(!`${problem.message} ${problem.remedy} ${problem.cause}`.includes(canary), text);
  }
});

Deno.test("mergeKubeconfigs() refuses a file whose aliases would grow without end", () => {
  const levels = [...Array(30).keys()].map((n) =>
    n === 0 ? "a0: &a0 [x]" : `a${n}: &a${n} [${Array(9).fill(`*a${n - 1}`).join(", ")}]`
  );

  const problem = failureOf(() => mergeKubeconfigs([{ path: "/k", text: levels.join("\n") }]));

  assert.equal(problem.exitCode, 2);
});

Deno.test("mergeKubeconfigs() keeps names like __proto__ apart from the language's own", () => {
  const text = 'contexts: [{ name: "__proto__", context: { cluster: constructor } }]';

  const { contexts, clusters } = mergeKubeconfigs([{ path: "/k", text }]);

  assert.deepEqual([...contexts.keys()], ["__proto__"]);
  assert.equal(clusters.get("constructor"), undefined);
});

function failureOf(work: () => unknown): SpirefedError {
  try {
    work();
  } catch (error) {
    if (error instanceof SpirefedError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: "nothing was thrown" });
}

const kubectl = "kubectl";
const hasKubectl = await new Deno.Command(kubectl, {
  args: ["version", "--client"],
  stdout: "null",
  stderr: "null",
}).output().then(({ success }) => success, () => false);
// deno-lint-ignore no-console
if (!hasKubectl) console.log("kubectl is not on PATH: its merging is not compared with ours");

Deno.test({
  name: "mergeKubeconfigs() merges as `kubectl config view` does",
  ignore: !hasKubectl,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.mkdir(`${folder}/b`);
      const files = [[`${folder}/config`, FIRST], [`${folder}/b/config`, SECOND]] as const;
      for (const [path, text] of files) await Deno.writeTextFile(path, text);
      await Deno.mkdir(`${folder}/pki`);
      for (const name of ["ca.crt", "u.key"]) {
        await Deno.writeTextFile(`${folder}/pki/${name}`, name);
      }
      const { stdout } = await new Deno.Command(kubectl, {
        args: ["config", "view", "--flatten", "-o", "json"],
        env: { KUBECONFIG: `${folder}/config:${folder}/none:${folder}/b/config` },
        stderr: "null",
      }).output();
      const theirs = JSON.parse(new TextDecoder().decode(stdout));

      const ours = mergeKubeconfigs(files.map(([path, text]) => ({ path, text })));

      assert.equal(ours.currentContext, theirs["current-context"]);
      assert.deepEqual(servers(ours), listed(theirs.clusters, ({ cluster }) => cluster?.server));
      assert.deepEqual(
        [...ours.contexts].map(([name, { cluster }]) => [name, cluster]).sort(),
        listed(theirs.contexts, ({ context }) => context?.cluster),
      );
      assert.deepEqual([...ours.users.keys()], theirs.users.map(({ name }: Listed) => name));
      // Flattened by kubectl: it read the files that our paths name.
      assert.equal(ours.clusters.get("c")?.certificateAuthority, `${folder}/pki/ca.crt`);
      assert.equal(theirs.clusters[0].cluster["certificate-authority-data"], btoa("ca.crt"));
      assert.equal(ours.users.get("u")?.clientKey, `${folder}/pki/u.key`);
      assert.equal(theirs.users[0].user["client-key-data"], btoa("u.key"));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

interface Listed {
  readonly name: string;
  readonly cluster?: { readonly server: string };
  readonly context?: { readonly cluster: string };
}

function listed(
  items: readonly Listed[],
  pick: (item: Listed) => string | undefined,
): readonly unknown[] {
  return items.map((item) => [item.name, pick(item)]).sort();
}

function servers({ clusters }: ReturnType<typeof mergeKubeconfigs>): readonly unknown[] {
  return [...clusters].map(([name, { server }]) => [name, server]).sort();
}
