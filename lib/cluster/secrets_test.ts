import assert from "node:assert/strict";
import { NAMESPACES } from "../../manifests/core.ts";
import { SpirefedError } from "../errors.ts";
import { type ApiScript, startApi } from "./testing_api.ts";
import { openTest } from "./testing_host.ts";

const CANARY = "canary7secret";
const BASIC = new TextEncoder().encode(`jo:${CANARY}`).toBase64();

/** Servers that fail in their own ways; the first repeats everything it was sent. */
const SERVERS: readonly ApiScript[] = [
  {
    respond: ({ rawHeaders }) => ({
      status: 403,
      headers: { warning: `299 - "${rawHeaders.join(" ")}"` },
      body: { kind: "Status", message: rawHeaders.join(" ") },
    }),
    refuseExec: (headers) => ({
      status: 403,
      body: { kind: "Status", message: headers.join(" ") },
    }),
  },
  { respond: ({ rawHeaders }) => ({ status: 500, body: rawHeaders.join(" ") }) },
  { respond: () => ({ status: 401, body: {} }) },
  { respond: () => (response) => void response.socket?.destroy() },
  { respond: () => ({ body: "<html>" }) },
];

const USERS: readonly Readonly<Record<string, unknown>>[] = [
  { token: CANARY },
  { tokenFile: "token" },
  { username: "jo", password: CANARY },
  { token: `${CANARY}\nX-Header: x` },
  { exec: { command: "plugin", args: [], env: [{ name: "SECRET", value: CANARY }] } },
  { exec: { command: "talker" } },
  { "client-certificate-data": btoa(CANARY), "client-key-data": btoa(CANARY) },
  { "client-key-data": `%${CANARY}` },
  { "client-certificate-data": btoa("x") },
  { "auth-provider": { name: "oidc", config: { "refresh-token": CANARY } } },
];

Deno.test("no secret gets into a message, a remedy, a cause, a stack, a warning or -v", async () => {
  let failures = 0;
  for (const script of SERVERS) {
    await using api = await startApi(script);
    for (const user of USERS) {
      const { cluster, warnings } = await openTest(api, {
        user,
        files: { "/home/me/.kube/token": CANARY },
        access: { verbosity: 9 },
        plugin: ({ command }) =>
          command === "talker" ? CANARY : JSON.stringify({
            apiVersion: "client.authentication.k8s.io/v1",
            kind: "ExecCredential",
            status: { token: CANARY },
          }),
      });
      const container = { namespace: "n", pod: "p", container: "c" };
      const works = [
        () => cluster.get(NAMESPACES, "n"),
        () => cluster.exec(container, ["id"]),
      ];
      for (const work of works) {
        const error = await work().then(() => undefined, (error) => error);
        if (error instanceof SpirefedError) failures++;
        const told = [Deno.inspect(error, { depth: 9 }), error?.remedy, ...warnings].join("\n");
        assert.ok(!told.includes(CANARY) && !told.includes(BASIC), told);
      }
    }
  }
  assert.equal(failures, SERVERS.length * USERS.length * 2);
});
