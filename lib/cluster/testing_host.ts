/**
 * A host made of literals, and kubeconfigs for scripted servers.
 *
 * @module
 */
import type { ClusterAccess } from "../context.ts";
import type { Cluster } from "./cluster.ts";
import type { ClusterHost, PluginCall, PluginOutput } from "./host.ts";
import { openCluster } from "./open_cluster.ts";
import type { TestApi } from "./testing_api.ts";

/** What a test's host holds, and what was asked of it. */
export interface TestHost extends ClusterHost {
  readonly plugins: PluginCall[];
  readonly questions: string[];
  readonly slept: number[];
  readonly read: string[];
}

/** What a test wants to be different. */
export interface HostOptions {
  readonly files?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly plugin?: (call: PluginCall, nth: number) => PluginOutput | string;
  readonly consent?: boolean;
  readonly interactive?: boolean;
  readonly complaintAboutCertificate?: ClusterHost["complaintAboutCertificate"];
  readonly now?: () => Date;
  readonly sleep?: ClusterHost["sleep"];
}

/** Time in tests, unless they have their own. */
export const NOW = new Date("2026-11-24T12:00:00Z");

/** A host without a machine behind it; sleeping takes no time, but is noted. */
export function testHost(options: HostOptions = {}): TestHost {
  const { files = {}, links = {}, env = {}, consent, now = () => NOW } = options;
  const [plugins, questions, slept, read]: [PluginCall[], string[], number[], string[]] = [
    [],
    [],
    [],
    [],
  ];
  return {
    plugins,
    questions,
    slept,
    read,
    env: (name) => env[name],
    home: "/home/me",
    cwd: () => "/desk",
    readFile: (path) => {
      read.push(path);
      const text = files[path];
      return Promise.resolve(text === undefined ? undefined : new TextEncoder().encode(text));
    },
    realPath: (path) => Promise.resolve(links[path] ?? path),
    runPlugin: (call) => {
      plugins.push(call);
      const output = options.plugin?.(call, plugins.length) ?? { outcome: "missing" };
      return Promise.resolve(
        typeof output === "string"
          ? { outcome: "exited", code: 0, stdout: new TextEncoder().encode(output) }
          : output,
      );
    },
    complaintAboutCertificate: options.complaintAboutCertificate,
    stdinIsTerminal: () => options.interactive === true,
    now,
    sleep: options.sleep ?? ((milliseconds, signal) => {
      signal.throwIfAborted();
      slept.push(milliseconds);
      return Promise.resolve();
    }),
    random: () => 0.5,
    consent: (question) => {
      questions.push(question);
      return Promise.resolve(consent);
    },
    rateLimits: "off",
  };
}

/** Access with nothing special; `warnings` gathers what it was told. */
export function testAccess(
  options: Partial<ClusterAccess> = {},
): ClusterAccess & { readonly warnings: string[] } {
  const warnings: string[] = [];
  return {
    kubeconfig: undefined,
    as: undefined,
    asGroups: [],
    requestTimeoutMs: 5000,
    verbosity: 0,
    warn: (line) => warnings.push(line),
    signal: new AbortController().signal,
    ...options,
    warnings,
  };
}

/** A kubeconfig in JSON with one context, `east`, for a scripted server. */
export function kubeconfigFor(
  { url, authority }: Pick<TestApi, "url" | "authority">,
  { cluster = {}, user = { token: "canary-token" } }: {
    readonly cluster?: Readonly<Record<string, unknown>>;
    readonly user?: Readonly<Record<string, unknown>>;
  } = {},
): string {
  const ca = new TextEncoder().encode(authority.certificate).toBase64();
  return JSON.stringify({
    "current-context": "east",
    clusters: [{
      name: "c",
      cluster: { server: url, "certificate-authority-data": ca, ...cluster },
    }],
    users: [{ name: "u", user }],
    contexts: [{ name: "east", context: { cluster: "c", user: "u" } }],
  });
}

/** What {@linkcode openTest} may be told beside the server. */
export interface OpenOptions extends HostOptions {
  readonly access?: Partial<ClusterAccess>;
  readonly cluster?: Readonly<Record<string, unknown>>;
  readonly user?: Readonly<Record<string, unknown>>;
}

/** Opens a scripted server as the cluster `east`. */
export async function openTest(
  api: Pick<TestApi, "url" | "authority">,
  { access: changes, cluster, user, ...options }: OpenOptions = {},
): Promise<{
  readonly cluster: Cluster;
  readonly host: TestHost;
  readonly warnings: readonly string[];
}> {
  const config = kubeconfigFor(api, {
    ...(cluster !== undefined && { cluster }),
    ...(user !== undefined && { user }),
  });
  const host = testHost({
    ...options,
    files: { "/home/me/.kube/config": config, ...options.files },
  });
  const access = testAccess(changes);
  return { cluster: await openCluster("east", access, host), host, warnings: access.warnings };
}
