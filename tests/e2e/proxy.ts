/**
 * A proxy before an API server that ends TLS, so that it can see and spoil what is said:
 * end connections, slow them down, and lie about the time. A connection is a request.
 *
 * @module
 */
import { join } from "node:path";
import type { TestCluster } from "./clusters.ts";
import { KUBECONFIG, RUN } from "./paths.ts";
import { Authority, serverNames, validityAt } from "./pki.ts";
import { FABRIC_ADDRESS } from "./topology.ts";

/** What the proxy does besides passing on. */
export interface Spoiling {
  /** Added to the `Date` of each answer. */
  readonly dateSkewMs?: number;
  /** How far off the clock was that its certificate was issued by. */
  readonly certificateSkewMs?: number;
  /** Told of each request line; what it answers decides when the connection is cut. */
  readonly onRequest?: (line: string) => Cut | undefined;
  /** How fast answers come. */
  readonly bytesPerSecond?: number;
}

/** Before the server sees the request, or when its answer has passed this many bytes; and what then. */
export type Cut = "before" | { readonly afterBytes: number; readonly then?: () => void };

/** A proxy that runs, and the kubeconfig that leads through it under the cluster's own name. */
export interface Proxy extends AsyncDisposable {
  readonly kubeconfig: string;
}

/**
 * Starts a proxy before a cluster; whoever comes through it is the administrator. Another
 * proxy's kubeconfig makes two of them.
 */
export async function proxyTo(
  { site }: TestCluster,
  spoiling: Spoiling,
  base = KUBECONFIG,
): Promise<Proxy> {
  const pki = join(RUN, site.name, "pki");
  const read = (name: string): Promise<string> => Deno.readTextFile(join(pki, name));
  const [authority, adminCert, adminKey] = await Promise.all(
    ["ca.crt", "admin.crt", "admin.key"].map(read),
  ) as [string, string, string];
  const { certificate: cert, key } = await (await Authority.read(pki)).server(
    "CN=kube-apiserver",
    serverNames(site),
    validityAt(spoiling.certificateSkewMs ?? 0),
  );
  const listener = Deno.listenTls({ hostname: FABRIC_ADDRESS, port: 0, cert, key });
  const upstream = (): Promise<Deno.TlsConn> =>
    Deno.connectTls({
      hostname: site.address,
      port: 6443,
      caCerts: [authority],
      cert: adminCert,
      key: adminKey,
      alpnProtocols: ["http/1.1"],
    });
  const connections = new Set<Promise<void>>();
  const serving = (async () => {
    for await (const client of listener) {
      const passing = pass(client, upstream, spoiling).catch(() => {}).finally(() => {
        connections.delete(passing);
      });
      connections.add(passing);
    }
  })().catch(() => {});
  const { port } = listener.addr as Deno.NetAddr;
  const kubeconfig = await writeKubeconfig(base, { name: site.name, port, authority });
  return {
    kubeconfig,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await serving;
      await Promise.all(connections);
      await Deno.remove(kubeconfig);
    },
  };
}

/** The other clusters stay as they are; the proxied one is reached under a name in its certificate. */
async function writeKubeconfig(
  base: string,
  { name, port, authority }: {
    readonly name: string;
    readonly port: number;
    readonly authority: string;
  },
): Promise<string> {
  const config = JSON.parse(await Deno.readTextFile(base));
  for (const entry of config.clusters) {
    if (entry.name !== name) continue;
    entry.cluster = {
      server: `https://${FABRIC_ADDRESS}:${port}`,
      "tls-server-name": "kubernetes",
      "certificate-authority-data": btoa(authority),
    };
  }
  const path = join(RUN, `kubeconfig-proxied-${name}-${port}`);
  await Deno.writeTextFile(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}

async function pass(
  client: Deno.TlsConn,
  connect: () => Promise<Deno.TlsConn>,
  spoiling: Spoiling,
): Promise<void> {
  using from = client;
  const head = new Uint8Array(16 * 1024);
  const length = await from.read(head);
  if (length === null) return;
  const [line = ""] = new TextDecoder().decode(head.subarray(0, length)).split("\r\n");
  const cut = spoiling.onRequest?.(line);
  if (cut === "before") return;
  using to = await connect();
  await writeAll(to, head.subarray(0, length));
  const up = copy(from, to, {}).catch(() => {});
  await copy(to, from, { ...spoiling, limit: cut?.afterBytes }).catch(() => {});
  cut?.then?.();
  from.close();
  to.close();
  await up;
}

interface CopyOptions extends Pick<Spoiling, "dateSkewMs" | "bytesPerSecond"> {
  readonly limit?: number | undefined;
}

async function copy(
  from: Deno.TlsConn,
  to: Deno.TlsConn,
  { dateSkewMs, bytesPerSecond, limit = Infinity }: CopyOptions,
): Promise<void> {
  const buffer = new Uint8Array(bytesPerSecond === undefined ? 64 * 1024 : 256);
  for (let passed = 0, first = true; passed < limit; first = false) {
    const length = await from.read(buffer);
    if (length === null) return;
    const bytes = buffer.subarray(0, Math.min(length, limit - passed));
    await writeAll(to, first && dateSkewMs ? skewed(bytes, dateSkewMs) : bytes);
    passed += length;
    if (bytesPerSecond !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, length / bytesPerSecond * 1000));
    }
  }
}

/** A date has the same length whatever it is. */
function skewed(bytes: Uint8Array, skewMs: number): Uint8Array {
  const text = new TextDecoder("latin1").decode(bytes).replace(
    /\r\nDate: ([^\r]+)/i,
    (_, date: string) => `\r\nDate: ${new Date(Date.parse(date) + skewMs).toUTCString()}`,
  );
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

async function writeAll(to: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}
