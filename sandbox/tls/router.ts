/**
 * All routers of a World on one port: whichever server name is asked for is shown its
 * endpoint's own SVID, whatever that is at the moment.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import tls from "node:tls";
import type { KeyRing } from "../mint.ts";
import type { Mount } from "../mount.ts";
import { visit } from "../network.ts";
import { toPem } from "../spiffe_bundle.ts";

/** A server that runs. */
export interface Running {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Starts the routers. */
export async function startRouter(
  { mount, ring, port }: { readonly mount: Mount; readonly ring: KeyRing; readonly port: number },
): Promise<Running> {
  const web = await ring.webServer("router.practice.example", mount.now);
  const fallback = { cert: toPem([web.leaf]), key: await ring.privateKey(web.leaf) };
  const server = https.createServer({
    ...fallback,
    minVersion: "TLSv1.2",
    SNICallback: (name, answer) => {
      contextFor(name).then((context) => answer(null, context), (error) => answer(error));
    },
  }, (request, response) => respond(mount, request, response));
  async function contextFor(name: string): Promise<tls.SecureContext> {
    const found = visit(mount.world, `https://${name}/`);
    const [leaf] = found.problem === undefined ? found.chain : [];
    if (found.problem !== undefined || leaf === undefined) return tls.createSecureContext(fallback);
    return tls.createSecureContext({ cert: toPem(found.chain), key: await ring.privateKey(leaf) });
  }
  return await listening(server, port);
}

function respond(mount: Mount, request: IncomingMessage, response: ServerResponse): void {
  const { servername } = request.socket as tls.TLSSocket;
  const found = visit(mount.world, `https://${servername || "nobody.invalid"}${request.url}`);
  if (found.problem === "refused") {
    request.socket.destroy();
    return;
  }
  if (found.problem !== undefined) {
    response.writeHead(503, { "content-type": "text/html" });
    response.end("<html><h1>Application is not available</h1></html>");
    return;
  }
  if (request.method !== "GET") {
    response.writeHead(405);
    response.end("method is not allowed\n");
    return;
  }
  const location = found.location === undefined ? {} : { location: found.location };
  response.writeHead(found.status, { "content-type": "application/json", ...location });
  response.end(found.body);
}

/** Listens on loopback; connections left open do not keep the server from closing. */
export async function listening(server: https.Server, port: number): Promise<Running> {
  const sockets = new Set<{ destroy(): void }>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  // What a visitor does to its connection is not the sandbox's trouble.
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections?.();
        for (const socket of sockets) socket.destroy();
      }),
  };
}
