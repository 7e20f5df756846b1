/**
 * What a kubeconfig says of a cluster, a user and a context (client-go's
 * `clientcmd/api/v1`), as far as this program uses it.
 *
 * @module
 */
import { joinPath } from "./file_paths.ts";
import type { Reader } from "./kubeconfig_reader.ts";

/** How to reach an API server. */
export interface ClusterEntry {
  readonly server: string | undefined;
  readonly tlsServerName: string | undefined;
  readonly insecure: boolean;
  /** Absolute path; `certificateAuthorityData` goes before it. */
  readonly certificateAuthority: string | undefined;
  /** Base64 of PEM, as it stands in the file. */
  readonly certificateAuthorityData: string | undefined;
  readonly proxyUrl: string | undefined;
  /** For exec plugins: the extension `client.authentication.k8s.io/exec`. */
  readonly pluginConfig: unknown;
}

/** How to authenticate. */
export interface UserEntry {
  readonly token: string | undefined;
  /** Absolute path. */
  readonly tokenFile: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Absolute path; the `Data` twin goes before it. */
  readonly clientCertificate: string | undefined;
  readonly clientCertificateData: string | undefined;
  /** Absolute path; the `Data` twin goes before it. */
  readonly clientKey: string | undefined;
  readonly clientKeyData: string | undefined;
  readonly exec: PluginEntry | undefined;
  /** Name of a legacy `auth-provider`, which is not supported. */
  readonly authProvider: string | undefined;
  readonly impersonate: Impersonation;
}

/** Whom to act as. */
export interface Impersonation {
  readonly user: string | undefined;
  readonly uid: string | undefined;
  readonly groups: readonly string[];
  readonly extra: ReadonlyMap<string, readonly string[]>;
}

/** A credential plugin: a program that is run to get a credential. */
export interface PluginEntry {
  readonly apiVersion: string | undefined;
  /** A name to be found on PATH, or an absolute path. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly installHint: string | undefined;
  readonly interactiveMode: string;
  readonly provideClusterInfo: boolean;
}

/** A cluster with a user. */
export interface ContextEntry {
  readonly cluster: string | undefined;
  readonly user: string | undefined;
}

const PLUGIN_EXTENSION = "client.authentication.k8s.io/exec";

/** Reads `clusters[].cluster`. */
export function readCluster(entry: Reader, folder: string): ClusterEntry {
  const extension = entry.list("extensions").find((each) => each.text("name") === PLUGIN_EXTENSION);
  return {
    server: entry.text("server"),
    tlsServerName: entry.text("tls-server-name"),
    insecure: entry.flag("insecure-skip-tls-verify"),
    certificateAuthority: absolute(folder, entry.text("certificate-authority")),
    certificateAuthorityData: entry.text("certificate-authority-data"),
    proxyUrl: entry.text("proxy-url"),
    pluginConfig: extension?.raw("extension"),
  };
}

/** Reads `users[].user`. */
export function readUser(entry: Reader, folder: string): UserEntry {
  return {
    token: entry.text("token"),
    tokenFile: absolute(folder, entry.text("tokenFile")),
    username: entry.text("username"),
    password: entry.text("password"),
    clientCertificate: absolute(folder, entry.text("client-certificate")),
    clientCertificateData: entry.text("client-certificate-data"),
    clientKey: absolute(folder, entry.text("client-key")),
    clientKeyData: entry.text("client-key-data"),
    exec: entry.raw("exec") === undefined ? undefined : readPlugin(entry.member("exec"), folder),
    authProvider: entry.raw("auth-provider") === undefined
      ? undefined
      : entry.member("auth-provider").text("name") ?? "",
    impersonate: {
      user: entry.text("as"),
      uid: entry.text("as-uid"),
      groups: entry.texts("as-groups"),
      extra: readExtra(entry.member("as-user-extra")),
    },
  };
}

/** Reads `contexts[].context`. */
export function readContext(entry: Reader): ContextEntry {
  return { cluster: entry.text("cluster"), user: entry.text("user") };
}

function readExtra(entry: Reader): ReadonlyMap<string, readonly string[]> {
  return new Map(entry.names().map((name) => [name, entry.texts(name)]));
}

function readPlugin(entry: Reader, folder: string): PluginEntry {
  const command = entry.text("command") ?? entry.fail("command", "is missing");
  const mode = entry.text("interactiveMode") ?? "IfAvailable";
  if (!["Never", "IfAvailable", "Always"].includes(mode)) {
    entry.fail("interactiveMode", "must be Never, IfAvailable or Always");
  }
  return {
    apiVersion: entry.text("apiVersion"),
    // A bare name is looked up on PATH, so only one with a slash is a path (client-go, loader.go).
    command: command.includes("/") ? joinPath(folder, command) : command,
    args: entry.texts("args"),
    env: entry.list("env").map((each) => ({
      name: each.text("name") ?? each.fail("name", "is missing"),
      value: each.text("value") ?? "",
    })),
    installHint: entry.text("installHint"),
    interactiveMode: mode,
    provideClusterInfo: entry.flag("provideClusterInfo"),
  };
}

function absolute(folder: string, path: string | undefined): string | undefined {
  return path === undefined ? undefined : joinPath(folder, path);
}
