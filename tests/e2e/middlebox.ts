/**
 * Somebody between the clusters and the router: what comes from pods to port 443 passes
 * through here first, and is delayed, cut, or ended and begun anew.
 *
 * @module
 */
import net from "node:net";
import tls from "node:tls";
import { root, svid } from "../../lib/endpoint/testing_certificates.ts";
import { inNetwork } from "./network.ts";
import { must } from "./process.ts";
import { FABRIC, ROUTER_ADDRESS } from "./topology.ts";

const PORT = 19_443;

/** What it does with a connection. */
export type Meddling =
  /** Each way, in milliseconds. */
  | { readonly delayMs: number }
  /** After the first bytes, one way or the other. */
  | { readonly cut: true }
  /** Ends TLS with a certificate of its own, and begins it anew behind. */
  | { readonly reencrypt: true };

/** Lets `work` be done with somebody in between. */
export async function meddled(meddling: Meddling, work: () => Promise<void>): Promise<void> {
  const server = await listen(meddling);
  const rule = [
    ...["PREROUTING", "-t", "nat", "-d", ROUTER_ADDRESS, "-p", "tcp", "--dport", "443"],
    ...["-j", "REDIRECT", "--to-ports", `${PORT}`],
  ];
  const iptables = (action: string): Promise<string> =>
    must([...inNetwork(FABRIC), "iptables", "-w", action, ...rule]);
  await iptables("-A");
  try {
    await work();
  } finally {
    await iptables("-D");
    server.close();
  }
}

async function listen(meddling: Meddling): Promise<net.Server> {
  const accept = (socket: net.Socket): void => meddle(socket, meddling);
  const server = "reencrypt" in meddling
    ? tls.createServer(await ownCertificate(), accept)
    : net.createServer(accept);
  server.on("tlsClientError", () => {});
  await new Promise<void>((listening) => server.listen(PORT, "0.0.0.0", () => listening()));
  return server;
}

/** As a router has one: for the host, without a SPIFFE ID. */
async function ownCertificate(): Promise<tls.TlsOptions> {
  const dnsNames = ["*.apps.east.example", "*.apps.west.example"];
  const shown = await svid(await root("router.example"), "", { uris: [], dnsNames });
  return { cert: shown.pem, key: shown.keyPem };
}

function meddle(socket: net.Socket, meddling: Meddling): void {
  socket.on("error", () => {});
  if ("reencrypt" in meddling) return void socket.on("data", () => socket.destroy());
  const onward = net.connect(443, ROUTER_ADDRESS);
  onward.on("error", () => socket.destroy());
  pass(socket, onward, meddling);
  pass(onward, socket, meddling);
}

function pass(from: net.Socket, to: net.Socket, meddling: Meddling): void {
  const after = "delayMs" in meddling ? meddling.delayMs : 0;
  const later = (work: () => void): void => void setTimeout(work, after);
  from.on("data", (bytes) => {
    // What a server says first is its handshake: cut in the middle of that.
    if ("cut" in meddling && from.remotePort === 443) return void to.destroy();
    later(() => to.writable && to.write(bytes));
  });
  from.on("end", () => later(() => to.end()));
  from.on("close", () => later(() => to.destroy()));
}
