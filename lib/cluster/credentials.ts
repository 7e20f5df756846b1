/**
 * From a kubeconfig's user to what authenticates a request. Nothing is read or run
 * before a request is about to be sent.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import { type Credential, isExpired, runCredentialPlugin } from "./credential_plugin.ts";
import { folderOf, isBelow } from "./file_paths.ts";
import type { FoundContext } from "./find_context.ts";
import type { ClusterHost } from "./host.ts";
import type { ClusterEntry, UserEntry } from "./kubeconfig_entries.ts";

/** What a kubeconfig from somebody else would have this machine do. */
export interface CredentialRisk {
  readonly kind: "plugin" | "file";
  /** The program with its arguments, or the path. */
  readonly what: string;
}

/** Credentials of one context, obtained when they are needed. */
export interface Credentials {
  /** The credential of the moment; files are read again, plugins asked again when expired. */
  get(signal: AbortSignal): Promise<AnyCredential>;
  /** What stands for the credential that a plugin gave latest. */
  latest(): unknown;
  /**
   * The server refused the credential that this stands for: it is dropped, unless a call
   * beside this one has done so. Answers whether another one can be had.
   */
  refuse(used: unknown): boolean;
}

/** A credential; `basic` is `user:password`. */
export interface AnyCredential extends Credential {
  readonly basic: string | undefined;
}

/** Credentials that plugins gave, by what they were asked, within one process. */
export type CredentialCache = Map<string, Promise<Credential>>;

/**
 * What needs consent in a `file#context` from somebody else: a program to run, and
 * files outside the folder of that kubeconfig.
 */
export async function credentialRisks(
  { user, foreignFile }: Pick<FoundContext, "user" | "foreignFile">,
  { realPath }: Pick<ClusterHost, "realPath">,
): Promise<readonly CredentialRisk[]> {
  if (foreignFile === undefined || user === undefined) return [];
  const folder = folderOf(await realPath(foreignFile));
  const risks: CredentialRisk[] = [];
  if (user.exec !== undefined && !hasToken(user)) {
    risks.push({ kind: "plugin", what: [user.exec.command, ...user.exec.args].join(" ") });
  }
  for (const path of [user.tokenFile, user.clientCertificate, user.clientKey]) {
    if (path === undefined || isBelow(folder, await realPath(path))) continue;
    risks.push({ kind: "file", what: path });
  }
  return risks;
}

/** The credentials of a context. `cluster` is what a plugin may be told about. */
export function credentialsOf(
  found: FoundContext & { readonly cluster: ClusterEntry },
  { host, cache }: { host: ClusterHost; cache: CredentialCache },
): Credentials {
  const { name, user, cluster } = found;
  const key = JSON.stringify([user?.exec, user?.exec?.provideClusterInfo && cluster]);
  let consented: Promise<void> | undefined;

  async function fromPlugin(signal: AbortSignal): Promise<Credential> {
    if (user?.exec === undefined) return NOTHING;
    const cached = cache.get(key);
    if (cached !== undefined) {
      if (!isExpired(await cached, host.now())) return cached;
      if (cache.get(key) !== cached) return fromPlugin(signal); // somebody else asks already
    }
    const fresh = runCredentialPlugin({ name, plugin: user.exec, cluster, signal }, host);
    cache.set(key, fresh);
    fresh.catch(() => cache.delete(key));
    return fresh;
  }

  return {
    async get(signal): Promise<AnyCredential> {
      if (user === undefined) return { ...NOTHING, basic: undefined };
      if (user.authProvider !== undefined && user.exec === undefined) throw legacy(name, user);
      await (consented ??= consent(found, host));
      const { token, basic } = await plainCredential(name, user, host);
      const own = await ownCertificate(name, user, host);
      if (token !== undefined || basic !== undefined) return { ...own, token, basic };
      const { certificate, key, ...rest } = await fromPlugin(signal);
      return certificate === undefined
        ? { ...own, ...rest, basic }
        : { certificate, key, ...rest, basic };
    },
    latest: () => cache.get(key),
    refuse(used): boolean {
      if (user?.exec === undefined || hasToken(user)) return false;
      if (cache.get(key) === used) cache.delete(key);
      return true;
    },
  };
}

const NOTHING: Credential = {
  token: undefined,
  certificate: undefined,
  key: undefined,
  expires: undefined,
};

function hasToken({ token, tokenFile, username }: UserEntry): boolean {
  return [token, tokenFile, username].some((each) => each !== undefined);
}

async function consent(found: FoundContext, host: ClusterHost): Promise<void> {
  const risks = await credentialRisks(found, host);
  if (risks.length === 0) return;
  const file = printable(found.foreignFile ?? "");
  const list = risks.map(({ kind, what }) =>
    kind === "plugin" ? `run "${printable(what)}"` : `read ${printable(what)}`
  ).join(" and ");
  if (await host.consent(`${file} wants to ${list}. Allow it?`) === true) return;
  throw new SpirefedError(
    "refused",
    `[${printable(found.name)}] ${file} wants to ${list}, and nobody allowed it`,
    { code: "trust/kubeconfig", remedy: `If you trust that file: --kubeconfig ${file}` },
  );
}

async function plainCredential(
  name: string,
  user: UserEntry,
  host: ClusterHost,
): Promise<{ readonly token: string | undefined; readonly basic: string | undefined }> {
  if (user.tokenFile !== undefined) {
    const token = (await readText(user.tokenFile, host))?.trim() || user.token;
    if (token !== undefined) return { token, basic: undefined };
    throw unreadable(name, `token file ${printable(user.tokenFile)}`);
  }
  const basic = user.username === undefined ? undefined : `${user.username}:${user.password ?? ""}`;
  return { token: user.token, basic: user.token === undefined ? basic : undefined };
}

async function ownCertificate(
  name: string,
  user: UserEntry,
  host: ClusterHost,
): Promise<Credential> {
  const certificate = await pem(user.clientCertificateData, user.clientCertificate, host);
  const key = await pem(user.clientKeyData, user.clientKey, host);
  if (user.clientCertificate !== undefined && certificate === undefined) {
    throw unreadable(name, `client certificate ${printable(user.clientCertificate)}`);
  }
  if (user.clientKey !== undefined && key === undefined) {
    throw unreadable(name, `client key ${printable(user.clientKey)}`);
  }
  if ((certificate === undefined) !== (key === undefined)) {
    throw new SpirefedError(
      "usage",
      `[${printable(name)}] its user has a client certificate without a key, or the reverse`,
    );
  }
  return { ...NOTHING, certificate, key };
}

/** PEM from its base64 in the kubeconfig, else from a file. */
export async function pem(
  data: string | undefined,
  path: string | undefined,
  host: Pick<ClusterHost, "readFile">,
): Promise<string | undefined> {
  if (data !== undefined) return new TextDecoder().decode(base64(data));
  return path === undefined ? undefined : await readText(path, host);
}

function base64(text: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    throw new SpirefedError("usage", "A certificate or key in the kubeconfig is not base64");
  }
}

async function readText(
  path: string,
  { readFile }: Pick<ClusterHost, "readFile">,
): Promise<string | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  return bytes && new TextDecoder().decode(bytes);
}

function unreadable(name: string, what: string): SpirefedError {
  return new SpirefedError("preflight", `[${printable(name)}] cannot read ${what}`, {
    code: "auth/file",
    remedy: `oc login --context ${printable(name)}`,
  });
}

function legacy(name: string, { authProvider }: UserEntry): SpirefedError {
  return new SpirefedError(
    "preflight",
    `[${printable(name)}] auth-provider "${printable(authProvider ?? "")}" is not supported`,
    {
      code: "auth/provider",
      remedy: "Use a credential plugin (exec) for this user in the kubeconfig",
    },
  );
}
