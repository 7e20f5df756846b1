import assert from "node:assert/strict";
import { CONFIG_MAPS, type ConfigMap } from "../../manifests/core.ts";
import type { Cluster, WatchEvent } from "./cluster.ts";
import { type Arrived, type Scripted, startApi } from "./testing_api.ts";
import { openTest } from "./testing_host.ts";

function configMap(name: string, resourceVersion: string, uid = `u-${name}`): unknown {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "spire", uid, resourceVersion },
  };
}

function list(resourceVersion: string, ...items: readonly unknown[]): Scripted {
  return { body: { kind: "ConfigMapList", metadata: { resourceVersion }, items } };
}

/** A watch that says these lines and is then cut, or stays open. */
function stream(events: readonly unknown[], end: "cut" | "open" = "cut"): Scripted {
  return (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const text = events.map((event) => `${JSON.stringify(event)}\n`).join("");
    response.write(text, () => end === "cut" && response.socket?.destroy());
  };
}

function change(type: string, object: unknown): unknown {
  return { type, object };
}

const EXPIRED = { kind: "Status", status: "Failure", reason: "Expired", code: 410 };

/** Watches until so many events came; `name@version type` of each. */
async function follow(cluster: Cluster, count: number, name?: string): Promise<readonly string[]> {
  const stop = new AbortController();
  const heard: string[] = [];
  const events: AsyncIterable<WatchEvent<ConfigMap>> = cluster.watch(CONFIG_MAPS, {
    namespace: "spire",
    name,
    signal: stop.signal,
  });
  for await (const { type, object } of events) {
    heard.push(`${type} ${object.metadata.name}@${object.metadata.resourceVersion}`);
    if (heard.length === count) stop.abort();
  }
  return heard;
}

/** Lists and watches answer from two scripts, the last of each for ever. */
function scripted(
  lists: readonly Scripted[],
  watches: readonly Scripted[],
): (request: Arrived) => Scripted {
  const [left, right] = [[...lists], [...watches]];
  return ({ query }) => {
    const script = query.has("watch") ? right : left;
    return (script.length > 1 ? script.shift() : script[0]) ?? { status: 500 };
  };
}

Deno.test("watch() begins with what exists and goes on with what changes", async () => {
  const respond = scripted([list("5", configMap("a", "3"))], [
    stream([
      change("BOOKMARK", { metadata: { resourceVersion: "6" } }),
      change("ADDED", configMap("b", "7")),
      change("MODIFIED", configMap("a", "8")),
      change("DELETED", configMap("b", "9")),
    ], "open"),
  ]);
  await using api = await startApi({ respond });
  const { cluster } = await openTest(api);

  assert.deepEqual(await follow(cluster, 4), [
    "ADDED a@3",
    "ADDED b@7",
    "MODIFIED a@8",
    "DELETED b@9",
  ]);
  assert.equal(api.requests[1]?.query.get("resourceVersion"), "5");
  assert.equal(api.requests[1]?.query.get("allowWatchBookmarks"), "true");
});

Deno.test("watch() of one object asks for it by name", async () => {
  await using api = await startApi({ respond: scripted([list("5", configMap("a", "3"))], []) });
  const { cluster } = await openTest(api);

  await follow(cluster, 1, "a");

  assert.equal(api.requests[0]?.query.get("fieldSelector"), "metadata.name=a");
});

Deno.test("watch() takes a cut connection up where it stood, bookmarks counted", async () => {
  const respond = scripted([list("5")], [
    stream([
      change("ADDED", configMap("a", "6")),
      change("BOOKMARK", { metadata: { resourceVersion: "9" } }),
    ]),
    stream([change("MODIFIED", configMap("a", "10"))], "open"),
  ]);
  await using api = await startApi({ respond });
  const { cluster, host } = await openTest(api);

  assert.deepEqual(await follow(cluster, 2), ["ADDED a@6", "MODIFIED a@10"]);

  assert.equal(api.requests[2]?.query.get("resourceVersion"), "9");
  assert.deepEqual(host.slept, []);
});

for (
  const [what, gone] of [
    ["an ERROR event", stream([change("ERROR", EXPIRED)])],
    ["the status", { status: 410, body: EXPIRED }],
  ] as const
) {
  Deno.test(`watch() lists anew when ${what} says 410, and tells only the difference`, async () => {
    const respond = scripted(
      [
        list("5", configMap("a", "1"), configMap("b", "2"), configMap("c", "3")),
        list("9", configMap("a", "1"), configMap("b", "7"), configMap("d", "8")),
      ],
      [gone],
    );
    await using api = await startApi({ respond });
    const { cluster } = await openTest(api);

    assert.deepEqual(await follow(cluster, 6), [
      "ADDED a@1",
      "ADDED b@2",
      "ADDED c@3",
      "DELETED c@3",
      "MODIFIED b@7",
      "ADDED d@8",
    ]);
  });
}

Deno.test("watch() tells an object replaced under its name as deleted and added", async () => {
  const respond = scripted(
    [list("5", configMap("a", "1", "old")), list("9", configMap("a", "8", "new"))],
    [stream([])],
  );
  await using api = await startApi({ respond });
  const { cluster } = await openTest(api);

  assert.deepEqual(await follow(cluster, 3), ["ADDED a@1", "DELETED a@1", "ADDED a@8"]);
});

Deno.test("watch() polls every two seconds where watching is not allowed", async () => {
  const respond = scripted(
    [list("5"), list("6"), list("7", configMap("a", "7"))],
    [{ status: 403, body: { kind: "Status", code: 403 } }],
  );
  await using api = await startApi({ respond });
  const { cluster, host } = await openTest(api);

  assert.deepEqual(await follow(cluster, 1), ["ADDED a@7"]);

  assert.equal(api.requests.filter(({ query }) => query.has("watch")).length, 1);
  assert.deepEqual(host.slept, [2000, 2000]);
});

Deno.test("watch() leaves a connection on which nothing comes any more", async () => {
  const respond = scripted([list("5"), list("6", configMap("a", "6"))], [stream([], "open")]);
  await using api = await startApi({ respond });
  const { cluster } = await openTest(api, { access: { requestTimeoutMs: 1000 } });

  assert.deepEqual(await follow(cluster, 1), ["ADDED a@6"]);
});

Deno.test("watch() bears a cluster that is away for a moment, but not one that never was there", async () => {
  const away: Scripted = (response) => void response.socket?.destroy();
  const lists = [list("5"), ...Array(5).fill(away), list("6", configMap("a", "6"))];
  await using api = await startApi({ respond: scripted(lists, [stream([])]) });
  await using none = await startApi({ respond: () => away });
  const { cluster, warnings } = await openTest(api);
  const { cluster: never } = await openTest(none);

  assert.deepEqual(await follow(cluster, 1), ["ADDED a@6"]);
  assert.ok(warnings.some((line) => line.endsWith("; trying again")));
  await assert.rejects(follow(never, 1), { code: "net/reset" });
});

Deno.test("watch() ends with a failure that will not pass", async () => {
  const respond = scripted([list("5"), { status: 401, body: {} }], [stream([])]);
  await using api = await startApi({ respond });
  const { cluster } = await openTest(api);

  await assert.rejects(follow(cluster, 1), { code: "http/401" });
});

Deno.test("watch() ends with the reason when the whole command is stopped", async () => {
  const stop = new AbortController();
  await using api = await startApi({ respond: scripted([list("5")], [stream([], "open")]) });
  const { cluster } = await openTest(api, { access: { signal: stop.signal } });
  const reason = new Error("stopped by SIGINT");

  const following = follow(cluster, 1);
  while (api.requests.length < 2) await new Promise((resolve) => setImmediate(resolve));
  stop.abort(reason);

  await assert.rejects(following, reason);
});

Deno.test("watch() says so when an object cannot be read, and goes on", async () => {
  const odd = { metadata: { name: "odd", resourceVersion: "7" }, data: 5 };
  const respond = scripted([list("5", odd, configMap("a", "6"))], [stream([])]);
  await using api = await startApi({ respond });
  const { cluster, warnings } = await openTest(api);

  assert.deepEqual(await follow(cluster, 1), ["ADDED a@6"]);
  assert.ok(warnings.includes("[east] ConfigMap/odd cannot be read"));
});
