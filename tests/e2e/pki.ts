/**
 * Certificates and keys of a cluster, and the kubeconfigs of its parts.
 *
 * @module
 */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import type { Site } from "./topology.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const LIFETIME_MS = 30 * 86_400_000;

/** An identity, as PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** Signs certificates of one cluster. */
export class Authority {
  readonly pem: string;
  readonly keyPem: string;
  readonly #certificate: x509.X509Certificate;
  readonly #keys: CryptoKeyPair;

  private constructor(certificate: x509.X509Certificate, keys: CryptoKeyPair, keyPem: string) {
    this.#certificate = certificate;
    this.#keys = keys;
    this.pem = certificate.toString("pem");
    this.keyPem = keyPem;
  }

  /** A new authority. */
  static async create(name: string): Promise<Authority> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: `CN=${name}-ca`,
      keys,
      ...validity(),
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
          true,
        ),
      ],
    });
    return new Authority(certificate, keys, await privatePem(keys));
  }

  /** The authority that {@linkcode writePki} has written. */
  static async read(folder: string): Promise<Authority> {
    const [pem, keyPem] = await Promise.all(
      ["ca.crt", "ca.key"].map((name) => Deno.readTextFile(join(folder, name))),
    ) as [string, string];
    const certificate = new x509.X509Certificate(pem);
    const der = x509.PemConverter.decodeFirst(keyPem);
    const privateKey = await crypto.subtle.importKey("pkcs8", der, ALGORITHM, true, ["sign"]);
    const publicKey = await certificate.publicKey.export();
    return new Authority(certificate, { privateKey, publicKey }, keyPem);
  }

  /** An identity of a client, e.g. `O=system:masters,CN=admin`. */
  async client(subject: string): Promise<Identity> {
    return await this.#issue(subject, x509.ExtendedKeyUsage.clientAuth, []);
  }

  /** An identity of a server under these names and addresses. */
  async server(
    subject: string,
    names: readonly x509.JsonGeneralName[],
    valid = validity(),
  ): Promise<Identity> {
    return await this.#issue(subject, x509.ExtendedKeyUsage.serverAuth, names, valid);
  }

  async #issue(
    subject: string,
    usage: string,
    names: readonly x509.JsonGeneralName[],
    valid = validity(),
  ): Promise<Identity> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      subject,
      issuer: this.#certificate.subject,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      ...valid,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.ExtendedKeyUsageExtension([usage]),
        ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension([...names])] : []),
      ],
    });
    return { certificate: certificate.toString("pem"), key: await privatePem(keys) };
  }
}

/** From when until when a certificate is valid. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A certificate of a machine whose clock is off by so much: an hour's validity, around its now. */
export function validityAt(skewMs: number): Validity {
  const then = Date.now() + skewMs;
  return { notBefore: new Date(then - 60_000), notAfter: new Date(then + 3_600_000) };
}

function validity(): Validity {
  const now = Date.now();
  return { notBefore: new Date(now - 60_000), notAfter: new Date(now + LIFETIME_MS) };
}

async function newKeys(): Promise<CryptoKeyPair> {
  return await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

async function privatePem({ privateKey }: CryptoKeyPair): Promise<string> {
  const der = await crypto.subtle.exportKey("pkcs8", privateKey);
  return x509.PemConverter.encode(der, "PRIVATE KEY");
}

/** The parts of a cluster that are clients of its API server. */
const CLIENTS: Readonly<Record<string, (site: Site) => string>> = {
  admin: () => "O=system:masters,CN=admin",
  "controller-manager": () => "CN=system:kube-controller-manager",
  scheduler: () => "CN=system:kube-scheduler",
  proxy: () => "CN=system:kube-proxy",
  kubelet: ({ name }) => `O=system:nodes,CN=system:node:${name}-node`,
};

/** Writes everything into `folder` and answers the authority and the administrator. */
export async function writePki(
  site: Site,
  folder: string,
): Promise<{ readonly authority: Authority; readonly admin: Identity }> {
  const authority = await Authority.create(site.name);
  await Deno.writeTextFile(join(folder, "ca.crt"), authority.pem);
  await Deno.writeTextFile(join(folder, "ca.key"), authority.keyPem, { mode: 0o600 });
  const server = await authority.server("CN=kube-apiserver", serverNames(site));
  await writeIdentity(join(folder, "apiserver"), server);
  const accounts = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  await Deno.writeTextFile(join(folder, "accounts.pub"), accounts.publicKey);
  await Deno.writeTextFile(join(folder, "accounts.key"), accounts.privateKey, { mode: 0o600 });
  let admin: Identity | undefined;
  for (const [name, subject] of Object.entries(CLIENTS)) {
    const identity = await authority.client(subject(site));
    admin ??= identity;
    await writeIdentity(join(folder, name), identity);
    const config = kubeconfig([{ site, user: name, identity, authority: authority.pem }]);
    await Deno.writeTextFile(join(folder, `${name}.kubeconfig`), config, { mode: 0o600 });
  }
  return { authority, admin: admin ?? await authority.client("O=system:masters,CN=admin") };
}

async function writeIdentity(path: string, { certificate, key }: Identity): Promise<void> {
  await Deno.writeTextFile(`${path}.crt`, certificate);
  await Deno.writeTextFile(`${path}.key`, key, { mode: 0o600 });
}

/** What the API server is called. */
export function serverNames({ address, apiService }: Site): readonly x509.JsonGeneralName[] {
  const dns = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "localhost"];
  return [
    ...[...dns, "kubernetes.default.svc.cluster.local"].map((value) => (
      { type: "dns" as const, value }
    )),
    ...["127.0.0.1", address, apiService].map((value) => ({ type: "ip" as const, value })),
  ];
}

/** Somebody's access to a cluster. */
export interface Access {
  readonly site: Site;
  readonly user: string;
  readonly identity: Identity;
  /** The cluster's authority, PEM. */
  readonly authority: string;
  /** @default {site.name} */
  readonly context?: string;
}

/** A kubeconfig with a context for each access, named after its cluster. JSON is YAML too. */
export function kubeconfig(accesses: readonly Access[]): string {
  const named = accesses.map((access) => ({ name: access.context ?? access.site.name, ...access }));
  return JSON.stringify(
    {
      apiVersion: "v1",
      kind: "Config",
      clusters: named.map(({ name, site, authority }) => ({
        name,
        cluster: {
          server: `https://${site.address}:6443`,
          "certificate-authority-data": btoa(authority),
        },
      })),
      users: named.map(({ name, user, identity }) => ({
        name: `${user}@${name}`,
        user: {
          "client-certificate-data": btoa(identity.certificate),
          "client-key-data": btoa(identity.key),
        },
      })),
      contexts: named.map(({ name, user }) => ({
        name,
        context: { cluster: name, user: `${user}@${name}` },
      })),
      "current-context": named[0]?.name ?? "",
    },
    null,
    2,
  );
}
