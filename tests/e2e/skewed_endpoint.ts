/**
 * A bundle endpoint whose certificate was issued by a clock that was off: its own
 * authority has signed it, and the dates alone are wrong.
 *
 * @module
 */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { join } from "node:path";
import tls from "node:tls";
import type { KubernetesObject } from "./api.ts";
import { authoritiesOf, ownBundle, type TestCluster } from "./clusters.ts";
import { RUN } from "./paths.ts";
import { type Identity, validityAt } from "./pki.ts";
import { FABRIC_ADDRESS, OPERATOR_NAMESPACE as namespace } from "./topology.ts";

const EC = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as const;
const NAME = "skewed-endpoint";

/**
 * Leads calls for the endpoint of `cluster` to one whose clock is off by so much. `before`
 * is a cluster that the router reads before it, so that its route counts.
 */
export async function withSkewedEndpoint(
  cluster: TestCluster,
  before: TestCluster,
  skewMs: number,
  work: () => Promise<void>,
): Promise<void> {
  const bundle = await ownBundle(cluster);
  const { certificate, key } = await issueSkewed(cluster, bundle, skewMs);
  const server = tls.createServer({ cert: certificate, key, minVersion: "TLSv1.2" });
  server.on("secureConnection", (socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(response(bundle)));
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((listening) => server.listen(0, FABRIC_ADDRESS, () => listening()));
  const { port } = server.address() as { readonly port: number };
  const detour = detourTo(port, `federation.${cluster.site.trustDomain}`);
  try {
    for (const object of detour) await before.api.apply(object);
    await work();
  } finally {
    for (const object of detour) await before.api.delete(object);
    server.close();
  }
}

function response(bundle: string): string {
  const length = new TextEncoder().encode(bundle).length;
  const head = ["HTTP/1.1 200 OK", "Content-Type: application/json", `Content-Length: ${length}`];
  return `${[...head, "Connection: close", "", bundle].join("\r\n")}`;
}

/** Signs with the SPIRE server's own key, which lies on its volume. */
async function issueSkewed(
  { site: { name, trustDomain } }: TestCluster,
  bundle: string,
  skewMs: number,
): Promise<Identity> {
  const roots = authoritiesOf(bundle).map((der) => new x509.X509Certificate(der));
  const { root, signingKey } = await signerAmong(roots, join(RUN, name, "kubelet/spire-data"));
  const keys = await crypto.subtle.generateKey(EC, true, ["sign", "verify"]);
  const leaf = await x509.X509CertificateGenerator.create({
    subject: "C=US, O=SPIRE",
    issuer: root.subject,
    ...validityAt(skewMs),
    signingAlgorithm: algorithmOf(root),
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: "url", value: `spiffe://${trustDomain}/spire/server` },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(await root.publicKey.export()),
    ],
  });
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificate: leaf.toString("pem"),
    key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY"),
  };
}

interface Signer {
  readonly root: x509.X509Certificate;
  readonly signingKey: CryptoKey;
}

async function signerAmong(
  roots: readonly x509.X509Certificate[],
  folder: string,
): Promise<Signer> {
  const { keys } = JSON.parse(await Deno.readTextFile(join(folder, "keys.json")));
  for (const [id, pkcs8] of Object.entries<string>(keys)) {
    if (!id.startsWith("x509-CA-")) continue;
    const der = Uint8Array.from(atob(pkcs8), (letter) => letter.charCodeAt(0));
    for (const root of roots) {
      const key = createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" });
      const isOfRoot = createPublicKey(root.toString("pem")).equals(createPublicKey(key));
      if (!isOfRoot) continue;
      const algorithm = algorithmOf(root);
      return {
        root,
        signingKey: await crypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]),
      };
    }
  }
  throw new Error("no authority of the bundle has its key on the server's volume");
}

/** Which of the two kinds of keys it is depends on the operator's `caKeyType`. */
function algorithmOf({ publicKey }: x509.X509Certificate): typeof EC | typeof RSA {
  return publicKey.algorithm.name === "ECDSA" ? EC : RSA;
}

/** A Service of addresses that somebody else minds, and the route to it. */
function detourTo(port: number, host: string): readonly KubernetesObject[] {
  const metadata = { name: NAME, namespace };
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { ports: [{ name: "federation", port: 443, targetPort: port }] },
    },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { ...metadata, labels: { "kubernetes.io/service-name": NAME } },
      addressType: "IPv4",
      ports: [{ name: "federation", port, protocol: "TCP" }],
      endpoints: [{ addresses: [FABRIC_ADDRESS], conditions: { ready: true } }],
    },
    {
      apiVersion: "route.openshift.io/v1",
      kind: "Route",
      metadata,
      spec: {
        host,
        to: { kind: "Service", name: NAME, weight: 100 },
        port: { targetPort: "federation" },
        tls: { termination: "passthrough" },
      },
    },
  ];
}
