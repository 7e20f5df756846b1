import assert from "node:assert/strict";
import { Permissions } from "./permissions.ts";

function permissions(): { readonly all: Permissions; readonly done: string[] } {
  const done: string[] = [];
  const all = new Permissions({
    revoke: (name) => void done.push(name),
    readSystemRoots: () => Promise.resolve(void done.push("roots")),
  });
  return { all, done };
}

Deno.test("a command that reaches no cluster and writes no file gives everything up", () => {
  const { all, done } = permissions();

  all.begin({ writes: false, clusters: "none" });

  assert.deepEqual(done, ["write", "run", "sys"]);
});

Deno.test("the permission to run is kept until the last named context is known", async () => {
  const { all, done } = permissions();

  all.begin({ writes: false, clusters: ["east", "west"] });
  await all.opened({ name: "east", hasPlugin: false, hasAuthority: false });
  assert.deepEqual(done, ["write"]);
  await all.opened({ name: "west", hasPlugin: false, hasAuthority: false });

  assert.deepEqual(done, ["write", "run", "roots", "sys"]);
});

Deno.test("a credential plugin keeps the permission to run, whichever context has it", async () => {
  for (const plugins of [[true, false], [false, true]]) {
    const { all, done } = permissions();

    all.begin({ writes: true, clusters: ["east", "west"] });
    await all.opened({ name: "east", hasPlugin: plugins[0] === true, hasAuthority: false });
    await all.opened({ name: "west", hasPlugin: plugins[1] === true, hasAuthority: false });
    await all.opened({ name: "west", hasPlugin: plugins[1] === true, hasAuthority: false });

    assert.deepEqual(done, ["roots", "sys"]);
  }
});

Deno.test("where any context may be opened nothing is given up too early", async () => {
  const { all, done } = permissions();

  all.begin({ writes: false, clusters: "any" });
  await all.opened({ name: "east", hasPlugin: false, hasAuthority: false });

  assert.deepEqual(done, ["write"]);
});

Deno.test("clusters with roots of their own need none of the machine's, endpoints may", async () => {
  for (const endpoints of [false, true]) {
    const { all, done } = permissions();

    all.begin({ writes: true, clusters: "one", endpoints });
    await all.opened({ name: "east", hasPlugin: false, hasAuthority: true });

    assert.deepEqual(done, endpoints ? ["run"] : ["run", "sys"]);
  }
});
