import assert from "node:assert/strict";
import { CONFIG_MAPS, NAMESPACES } from "../../manifests/core.ts";
import { type Scripted, startApi } from "./testing_api.ts";
import { openTest } from "./testing_host.ts";

const NAMESPACE = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: "kube-system", uid: "u-1", resourceVersion: "7" },
};

const FEDERATION = {
  apiVersion: "spire.spiffe.io/v1alpha1",
  kind: "ClusterFederatedTrustDomain",
  metadata: { name: "west" },
  spec: { trustDomain: "west" },
};

function configMap(name: string): unknown {
  return { metadata: { name, namespace: "spire" }, data: {} };
}

/** What an API server says of an object that is not there. */
function notFound(name: string): { status: number; body: unknown } {
  return {
    status: 404,
    body: {
      kind: "Status",
      status: "Failure",
      reason: "NotFound",
      code: 404,
      message: `"${name}" not found`,
      details: { name },
    },
  };
}

Deno.test("get() reads an object, with the token in a header", async () => {
  await using api = await startApi({ respond: () => ({ body: NAMESPACE }) });
  const { cluster } = await openTest(api);

  const found = await cluster.get(NAMESPACES, "kube-system");

  assert.equal(found?.metadata.uid, "u-1");
  assert.equal(api.requests[0]?.url, "/api/v1/namespaces/kube-system");
  assert.equal(api.requests[0]?.headers.authorization, "Bearer canary-token");
});

Deno.test("get() answers undefined for an object that is not there", async () => {
  await using api = await startApi({ respond: () => notFound("x") });
  const { cluster } = await openTest(api);

  assert.equal(await cluster.get(CONFIG_MAPS, "x", { namespace: "spire" }), undefined);
});

Deno.test("a kind that is not installed is a failure, not an absent object", async () => {
  await using api = await startApi({
    respond: () => ({
      status: 404,
      headers: { "content-type": "text/plain" },
      body: "404 page not found\n",
    }),
  });
  const { cluster } = await openTest(api);
  const target = { resource: NAMESPACES, name: "x" };

  await assert.rejects(cluster.get(NAMESPACES, "x"), { code: "http/404-kind" });
  await assert.rejects(cluster.list(NAMESPACES), { code: "http/404-kind" });
  await assert.rejects(cluster.delete(target, { uid: "u" }), { code: "http/404-kind" });
});

Deno.test("list() reads page by page, and one odd object does not spoil the rest", async () => {
  const pages: Readonly<Record<string, unknown>> = {
    "": {
      metadata: { continue: "p2/=" },
      items: [configMap("a"), { metadata: { name: "odd" }, data: 1 }],
    },
    "p2/=": { metadata: { resourceVersion: "9" }, items: [configMap("b")] },
  };
  await using api = await startApi({
    respond: ({ query }) => ({ body: pages[query.get("continue") ?? ""] }),
  });
  const { cluster } = await openTest(api);

  const { items, unreadable } = await cluster.list(CONFIG_MAPS, {
    namespace: "spire",
    labelSelector: "app=a,b!=c",
  });

  assert.deepEqual(items.map(({ metadata }) => metadata.name), ["a", "b"]);
  assert.equal(items[0]?.kind, "ConfigMap");
  assert.equal(unreadable[0]?.name, "odd");
  assert.equal(api.requests[0]?.query.get("limit"), "500");
  assert.equal(api.requests[1]?.query.get("labelSelector"), "app=a,b!=c");
});

Deno.test("list() begins anew when its next page has expired, then reads all in one", async () => {
  await using api = await startApi({
    respond: ({ query }) =>
      query.has("continue")
        ? { status: 410, body: { kind: "Status", code: 410 } }
        : query.has("limit")
        ? { body: { metadata: { continue: "next" }, items: [configMap("old")] } }
        : { body: { metadata: {}, items: [configMap("a"), configMap("b")] } },
  });
  const { cluster } = await openTest(api);

  const { items } = await cluster.list(CONFIG_MAPS);

  assert.deepEqual(items.map(({ metadata }) => metadata.name), ["a", "b"]);
  assert.equal(api.requests[0]?.url.split("?")[0], "/api/v1/configmaps");
});

Deno.test("list() does not follow a server that always names the same next page", async () => {
  await using api = await startApi({
    respond: () => ({ body: { metadata: { continue: "again" }, items: [] } }),
  });
  const { cluster } = await openTest(api);

  await assert.rejects(cluster.list(CONFIG_MAPS), { code: "server/too-large" });
});

Deno.test("apply() is server-side, strict, and unforced unless told", async () => {
  await using api = await startApi({
    respond: (_request, nth) => ({
      status: nth === 1 ? 201 : 200,
      headers: { warning: ['299 - "first \\"one\\""', '299 - "second"'] },
      body: { metadata: { uid: "u-1", resourceVersion: "12" } },
    }),
  });
  const { cluster, warnings } = await openTest(api);

  const created = await cluster.apply(FEDERATION);
  const forced = await cluster.apply(FEDERATION, { force: true, dryRun: true });

  assert.deepEqual(created, {
    uid: "u-1",
    resourceVersion: "12",
    created: true,
    warnings: ['first "one"', "second"],
  });
  assert.equal(forced.created, false);
  assert.deepEqual(warnings, ['[east] first "one"', "[east] second"]);
  const [first, second] = api.requests;
  assert.equal(first?.method, "PATCH");
  assert.equal(first?.headers["content-type"], "application/apply-patch+yaml");
  assert.deepEqual(JSON.parse(first?.body ?? ""), FEDERATION);
  assert.equal(
    first?.url,
    "/apis/spire.spiffe.io/v1alpha1/clusterfederatedtrustdomains/west" +
      "?fieldManager=oc-spirefed&fieldValidation=Strict&force=false",
  );
  assert.equal(second?.query.get("force"), "true");
  assert.equal(second?.query.get("dryRun"), "All");
});

Deno.test("create() and patch() write as the field manager, strictly", async () => {
  await using api = await startApi({
    respond: ({ method }) => ({
      status: method === "POST" ? 201 : 200,
      body: { metadata: { uid: "u", resourceVersion: "1" } },
    }),
  });
  const { cluster } = await openTest(api);
  const target = { resource: CONFIG_MAPS, name: "a", namespace: "spire" };

  await cluster.create({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a", namespace: "spire" },
  });
  await cluster.patch(target, { type: "merge", body: { data: {} } }, { dryRun: true });
  await cluster.patch(target, { type: "json", body: [{ op: "remove", path: "/data" }] });

  assert.deepEqual(
    api.requests.map(({ method, url, headers }) => [method, url, headers["content-type"]]),
    [
      [
        "POST",
        "/api/v1/namespaces/spire/configmaps?fieldManager=oc-spirefed&fieldValidation=Strict",
        "application/json",
      ],
      [
        "PATCH",
        "/api/v1/namespaces/spire/configmaps/a?fieldManager=oc-spirefed&fieldValidation=Strict&dryRun=All",
        "application/merge-patch+json",
      ],
      [
        "PATCH",
        "/api/v1/namespaces/spire/configmaps/a?fieldManager=oc-spirefed&fieldValidation=Strict",
        "application/json-patch+json",
      ],
    ],
  );
});

Deno.test("delete() deletes only the object that was seen, and knows one that was gone", async () => {
  await using api = await startApi({
    respond: (_request, nth) =>
      nth === 1 ? { body: { kind: "Status", status: "Success" } } : notFound("a"),
  });
  const { cluster } = await openTest(api);
  const target = { resource: CONFIG_MAPS, name: "a", namespace: "spire" };

  assert.equal(await cluster.delete(target, { uid: "u-1", resourceVersion: "5" }), true);
  assert.equal(await cluster.delete(target, { uid: "u-1" }), false);

  assert.deepEqual(JSON.parse(api.requests[0]?.body ?? ""), {
    apiVersion: "v1",
    kind: "DeleteOptions",
    propagationPolicy: "Background",
    preconditions: { uid: "u-1", resourceVersion: "5" },
  });
});

Deno.test("logs() asks for a part of a container's log", async () => {
  await using api = await startApi({
    respond: () => ({ headers: { "content-type": "text/plain" }, body: "a line\n" }),
  });
  const { cluster } = await openTest(api);

  const text = await cluster.logs(
    { namespace: "spire", pod: "spire-server-0", container: "spire-server" },
    { sinceTime: new Date("2026-11-24T12:00:00Z"), tailLines: 5, timestamps: true },
  );

  assert.equal(text, "a line\n");
  const { query, url } = api.requests[0] ?? assert.fail();
  assert.equal(url.split("?")[0], "/api/v1/namespaces/spire/pods/spire-server-0/log");
  assert.equal(query.get("container"), "spire-server");
  assert.equal(query.get("sinceTime"), "2026-11-24T12:00:00.000Z");
  assert.equal(query.get("tailLines"), "5");
  assert.equal(query.get("timestamps"), "true");
});

Deno.test("can() answers what the server allows, and why not", async () => {
  await using api = await startApi({
    respond: () => ({ status: 201, body: { status: { allowed: false, reason: "no\nrole" } } }),
  });
  const { cluster } = await openTest(api);

  const answer = await cluster.can({
    verb: "create",
    group: "",
    resource: "pods",
    subresource: "exec",
  });

  assert.deepEqual(answer, { allowed: false, reason: "no\\u000arole" });
  assert.deepEqual(JSON.parse(api.requests[0]?.body ?? "").spec, {
    resourceAttributes: { verb: "create", group: "", resource: "pods", subresource: "exec" },
  });
});

Deno.test("a read that was cut or met a busy server is made again, and says what it waits for", async () => {
  const answers: Scripted[] = [
    { status: 429, headers: { "retry-after": "8" }, body: {} },
    { status: 503, body: {} },
    (response) => void response.socket?.destroy(),
    { body: NAMESPACE },
  ];
  await using api = await startApi({ respond: (_request, nth) => answers[nth - 1] ?? {} });
  const { cluster, host, warnings } = await openTest(api);

  assert.notEqual(await cluster.get(NAMESPACES, "n"), undefined);

  assert.deepEqual(host.slept, [8400, 1000, 2000]);
  assert.deepEqual(warnings, [
    "[east] get Namespace/n: waiting 8.4 s (the server asked)",
    "[east] get Namespace/n: waiting 1 s (the server failed)",
    "[east] get Namespace/n: waiting 2 s (the connection was cut)",
  ]);
});

Deno.test("an apply whose answer was lost is made again, a create or delete is not", async () => {
  await using api = await startApi({
    respond: ({ method }, nth) =>
      method === "PATCH" && nth > 1
        ? { body: { metadata: { uid: "u", resourceVersion: "2" } } }
        : (response) => void response.socket?.destroy(),
  });
  const { cluster } = await openTest(api);

  assert.equal((await cluster.apply(FEDERATION)).resourceVersion, "2");
  assert.equal(api.requests.length, 2);

  await assert.rejects(cluster.create(FEDERATION), {
    code: "net/reset",
    message: /; whether the server did it is not known$/,
  });
  const target = { resource: NAMESPACES, name: "n" };
  await assert.rejects(cluster.delete(target, { uid: "u" }), { code: "net/reset" });
  assert.equal(api.requests.length, 4);
});

Deno.test("a server that stays busy ends in its own words after five tries", async () => {
  await using api = await startApi({
    respond: () => ({ status: 429, body: { kind: "Status", message: "slow down" } }),
  });
  const { cluster } = await openTest(api);

  await assert.rejects(cluster.get(NAMESPACES, "n"), {
    code: "http/429",
    message: "[east] get Namespace/n: 429 TooManyRequests: slow down",
  });
  assert.equal(api.requests.length, 5);
});

Deno.test("names are checked and encoded before they become part of a path", async () => {
  await using api = await startApi({ respond: () => ({ body: NAMESPACE }) });
  const { cluster } = await openTest(api);

  for (const name of ["", ".", "..", "a/b", "a%2fb", "a\nb", "x".repeat(254)]) {
    await assert.rejects(cluster.get(NAMESPACES, name), { code: "name/invalid" });
  }
  for (const namespace of ["", "..", "a/b", "A", "-n"]) {
    await assert.rejects(cluster.get(CONFIG_MAPS, "a", { namespace }), { code: "name/invalid" });
  }
  await cluster.get(NAMESPACES, "--all?x=1#:é");

  assert.deepEqual(api.requests.map(({ url }) => url), [
    "/api/v1/namespaces/--all%3Fx%3D1%23%3A%C3%A9",
  ]);
});

Deno.test("-v 6 tells each request and its time, and no secret", async () => {
  await using api = await startApi({ respond: () => ({ body: NAMESPACE }) });
  const { cluster, warnings } = await openTest(api, { access: { verbosity: 6 } });

  await cluster.get(NAMESPACES, "n");

  assert.deepEqual(warnings, [`GET ${api.url}/api/v1/namespaces/n 200 in 0 ms`]);
});

Deno.test("a server below a path is reached there", async () => {
  await using api = await startApi({ respond: () => ({ body: NAMESPACE }) });
  const { cluster } = await openTest(api, { cluster: { server: `${api.url}/k8s/clusters/c-1` } });

  await cluster.get(NAMESPACES, "n");

  assert.equal(api.requests[0]?.url, "/k8s/clusters/c-1/api/v1/namespaces/n");
});
