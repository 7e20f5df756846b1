/**
 * Exec credential plugins (`client.authentication.k8s.io`, v1 and v1beta1).
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import type { ClusterHost } from "./host.ts";
import type { ClusterEntry, PluginEntry } from "./kubeconfig_entries.ts";

/** What a plugin, or a kubeconfig, gives to authenticate with. */
export interface Credential {
  readonly token: string | undefined;
  /** PEM. */
  readonly certificate: string | undefined;
  /** PEM. */
  readonly key: string | undefined;
  /** When a plugin must be asked again. */
  readonly expires: Date | undefined;
}

/** What a plugin is told and how it is called. */
export interface PluginOrder {
  /** The cluster as the user named it, for messages. */
  readonly name: string;
  readonly plugin: PluginEntry;
  /** Its CA is PEM in base64, whichever way the kubeconfig gave it. */
  readonly cluster: ClusterEntry;
  readonly signal: AbortSignal;
}

const VERSIONS = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

/**
 * Runs a credential plugin. Its stderr and, where it may ask, its stdin are the
 * user's; what it prints is never repeated in a message.
 *
 * @throws {SpirefedError} `preflight`, `auth/plugin`, if it gives no credential.
 */
export async function runCredentialPlugin(
  order: PluginOrder,
  host: ClusterHost,
): Promise<Credential> {
  const { plugin, signal } = order;
  const { apiVersion = VERSIONS[0] ?? "", command, args, interactiveMode } = plugin;
  if (!VERSIONS.includes(apiVersion)) {
    throw failure(order, `speaks ${printable(apiVersion)}, which is not supported`);
  }
  const interactive = interactiveMode !== "Never" && host.stdinIsTerminal();
  if (interactiveMode === "Always" && !interactive) {
    throw failure(order, "must ask a person, and stdin is not a terminal");
  }
  const info = pluginInfo(order, { apiVersion, interactive });
  const env = Object.fromEntries(plugin.env.map(({ name, value }) => [name, value]));
  const output = await host.runPlugin({
    command,
    args,
    env: { ...env, KUBERNETES_EXEC_INFO: info },
    interactive,
    signal,
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw failure(order, "could not be started", error);
  });
  if (output.outcome === "missing") throw failure(order, "was not found");
  if (output.code !== 0) throw failure(order, `failed with exit code ${output.code}`);
  return readCredential(order, output.stdout, apiVersion);
}

/** How long a credential may still be used is judged a little early, as requests take time. */
export function isExpired({ expires }: Credential, now: Date): boolean {
  return expires !== undefined && expires.getTime() <= now.getTime();
}

function pluginInfo(
  { plugin, cluster }: PluginOrder,
  { apiVersion, interactive }: { apiVersion: string; interactive: boolean },
): string {
  return JSON.stringify({
    apiVersion,
    kind: "ExecCredential",
    spec: {
      interactive,
      ...(plugin.provideClusterInfo && {
        cluster: {
          server: cluster.server,
          "tls-server-name": cluster.tlsServerName,
          "insecure-skip-tls-verify": cluster.insecure || undefined,
          "certificate-authority-data": cluster.certificateAuthorityData,
          "proxy-url": cluster.proxyUrl,
          config: boundedCopy(cluster.pluginConfig, { nodes: 10_000 }),
        },
      }),
    },
  });
}

/** YAML aliases let a small file stand for a huge tree; a real extension is small. */
function boundedCopy(value: unknown, budget: { nodes: number }): unknown {
  if (--budget.nodes < 0) {
    throw new SpirefedError("usage", "The cluster's exec extension in the kubeconfig is too large");
  }
  if (Array.isArray(value)) return value.map((each) => boundedCopy(each, budget));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, boundedCopy(each, budget)]),
  );
}

function readCredential(order: PluginOrder, stdout: Uint8Array, apiVersion: string): Credential {
  let answer: unknown;
  try {
    answer = JSON.parse(new TextDecoder().decode(stdout));
  } catch {
    throw failure(order, "did not print an ExecCredential in JSON"); // the text may be a token
  }
  const { kind, apiVersion: answered, status } = members(answer);
  if (kind !== "ExecCredential" || answered !== apiVersion) {
    throw failure(order, `did not print an ExecCredential of ${apiVersion}`);
  }
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = members(status);
  const credential = {
    token: text(token),
    certificate: text(clientCertificateData),
    key: text(clientKeyData),
    expires: expirationTimestamp === undefined || expirationTimestamp === null
      ? undefined
      : new Date(String(expirationTimestamp)),
  };
  if (Number.isNaN(credential.expires?.getTime())) {
    throw failure(order, "printed an expirationTimestamp that is no time");
  }
  if ((credential.certificate === undefined) !== (credential.key === undefined)) {
    throw failure(order, "printed a certificate without its key, or a key without its certificate");
  }
  if (credential.token === undefined && credential.certificate === undefined) {
    throw failure(order, "printed neither a token nor a client certificate");
  }
  return credential;
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function failure({ name, plugin }: PluginOrder, problem: string, cause?: unknown): SpirefedError {
  return new SpirefedError(
    "preflight",
    `[${printable(name)}] credential plugin "${printable(plugin.command)}" ${problem}`,
    {
      code: "auth/plugin",
      cause,
      remedy: plugin.installHint === undefined
        ? `Run ${printable(plugin.command)} by hand to see what it lacks`
        : printable(plugin.installHint),
    },
  );
}
