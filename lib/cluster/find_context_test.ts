import assert from "node:assert/strict";
import { findContext, kubeContexts } from "./find_context.ts";
import { testHost } from "./testing_host.ts";

function config(...names: readonly string[]): string {
  return JSON.stringify({
    "current-context": names[0],
    clusters: [{ name: "c", cluster: { server: "https://api:6443" } }],
    users: [{ name: "u", user: { exec: { command: "/bin/leave-a-trace" } } }],
    contexts: names.map((name) => ({ name, context: { cluster: "c", user: "u" } })),
  });
}

const OWN = "/home/me/.kube/config";
const NONE = { kubeconfig: undefined };

Deno.test("kubeContexts() names all contexts and the current one, and runs nothing", async () => {
  const host = testHost({ files: { [OWN]: config("east", "west") } });

  assert.deepEqual(await kubeContexts(NONE, host), { names: ["east", "west"], current: "east" });
  assert.equal(host.plugins.length, 0);
});

Deno.test("kubeContexts() finds none where there is no kubeconfig", async () => {
  assert.deepEqual(await kubeContexts(NONE, testHost()), { names: [], current: undefined });
});

Deno.test("--kubeconfig goes before $KUBECONFIG, and that before ~/.kube/config", async () => {
  const files = {
    [OWN]: config("own"),
    "/e/a": config("env-a"),
    "/e/b": config("env-b"),
    "/desk/f": config("flag"),
  };
  const env = { KUBECONFIG: ":/e/a:/e/none:/e/b:/e/a" };
  const names = async (kubeconfig?: string): Promise<readonly string[]> =>
    (await kubeContexts({ kubeconfig }, testHost({ files, env }))).names;

  assert.deepEqual(await names("f"), ["flag"]);
  assert.deepEqual(await names(), ["env-a", "env-b"]);
});

Deno.test("a kubeconfig named by --kubeconfig must exist", async () => {
  await assert.rejects(kubeContexts({ kubeconfig: "f" }, testHost()), {
    kind: "usage",
    message: "No such kubeconfig: f",
  });
});

Deno.test("a context is found by its name, whatever signs are in it", async () => {
  const names = ["default/api-east:6443/admin", "a#b", "--help", "$(reboot)"];
  const host = testHost({ files: { [OWN]: config(...names), "/desk/a": config("b") } });

  for (const name of names) {
    const found = await findContext(name, NONE, host);

    assert.equal(found.context, name);
    assert.equal(found.foreignFile, undefined);
  }
});

Deno.test("file#context is cut at the first # that has a file before it", async () => {
  const host = testHost({
    files: { "/desk/x#y": config("a#b"), "/other/k": config("default/api:6443/admin") },
  });

  assert.equal((await findContext("x#y#a#b", NONE, host)).context, "a#b");
  const other = await findContext("../other/k#default/api:6443/admin", NONE, host);
  assert.equal(other.foreignFile, "/other/k");
});

Deno.test("a file of the user's own is not somebody else's when it is named", async () => {
  const host = testHost({ files: { [OWN]: config("east") } });

  assert.equal((await findContext(`${OWN}#east`, NONE, host)).foreignFile, undefined);
});

Deno.test("file#context does not depend on the user's own kubeconfig being readable", async () => {
  const host = testHost({ files: { [OWN]: "{", "/desk/k": config("east") } });

  assert.equal((await findContext("k#east", NONE, host)).context, "east");
  await assert.rejects(findContext("east", NONE, host), { kind: "usage" });
});

Deno.test("an unknown context is a usage error with the nearest name and the list", async () => {
  const host = testHost({ files: { [OWN]: config("east", "west"), "/desk/k": config("north") } });

  await assert.rejects(findContext("eats", NONE, host), {
    kind: "usage",
    exitCode: 2,
    message: 'No context "eats" in the kubeconfig; did you mean "east"?',
    remedy: "Name one of: east, west",
  });
  await assert.rejects(findContext("k#nroth", NONE, host), {
    message: 'No context "nroth" in k; did you mean "north"?',
  });
});

Deno.test("names from a kubeconfig cannot act on the terminal", async () => {
  const host = testHost({ files: { [OWN]: config("\u001b[2Jeast") } });

  await assert.rejects(findContext("\u001b[2J", NONE, host), (error: Error) => {
    assert.ok(!`${error.message}${(error as { remedy?: string }).remedy}`.includes("\u001b"));
    return true;
  });
});

Deno.test("a context whose cluster or user is missing says which", async () => {
  const broken = JSON.stringify({
    clusters: [{ name: "c", cluster: { server: "https://api" } }],
    contexts: [
      { name: "a", context: { cluster: "gone", user: "u" } },
      { name: "b", context: { cluster: "c", user: "gone" } },
      { name: "c", context: { cluster: "c" } },
    ],
  });
  const host = testHost({ files: { [OWN]: broken } });

  await assert.rejects(findContext("a", NONE, host), { message: /no cluster "gone"/ });
  await assert.rejects(findContext("b", NONE, host), { message: /no user "gone"/ });
  assert.equal((await findContext("c", NONE, host)).user, undefined);
});
