import assert from "node:assert/strict";
import { CONFIG_MAPS, NAMESPACES } from "../../manifests/core.ts";
import { startApi } from "./testing_api.ts";
import { openTest } from "./testing_host.ts";

const NAMESPACE = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: "kube-system", uid: "u-1", resourceVersion: "7" },
};

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

Deno.test("exec() hands stdin on and answers stdout, stderr and the exit code", async () => {
  const heard: number[][] = [];
  await using api = await startApi({
    exec: (socket) => {
      socket.on("message", (data) => {
        heard.push([...data as Uint8Array]);
        if ((data as Uint8Array)[0] !== 255) return;
        socket.send(Uint8Array.of(1, 0x6f, 0x6b));
        socket.send(Uint8Array.of(2, 0x65));
        const causes = [{ reason: "ExitCode", message: "3" }];
        const status = JSON.stringify({ kind: "Status", status: "Failure", details: { causes } });
        socket.send(Uint8Array.of(3, ...new TextEncoder().encode(status)));
        socket.close();
      });
    },
  });
  const { cluster } = await openTest(api);

  const result = await cluster.exec(
    { namespace: "spire", pod: "spire-server-0", container: "spire-server" },
    ["cat", "--", "a b"],
    { stdin: new TextEncoder().encode("hi") },
  );

  assert.deepEqual(result, { code: 3, stdout: "ok", stderr: "e" });
  assert.deepEqual(heard, [[0, 0x68, 0x69], [255, 0]]);
});
