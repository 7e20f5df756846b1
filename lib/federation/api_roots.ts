/**
 * The X.509 authorities that a cluster's own API names: what makes the first
 * contact with its bundle endpoint safe.
 *
 * @module
 */
import type { Cluster } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";
import type { ParsedBundle, TrustDomain } from "../spiffe/model.ts";
import { bundleFromPem, parseBundle } from "../spiffe/mod.ts";
import { CONFIG_MAPS } from "../../manifests/core.ts";
import { OPERATOR_NAMESPACE } from "../../manifests/manifest.ts";
import { refusedWith } from "./refusals.ts";
import type { ApiRoots } from "./side.ts";
import { SpireServerCli } from "./spire_server_cli.ts";

/** Which roots, and by which clock. */
export interface RootsQuery {
  readonly trustDomain: TrustDomain;
  /** The name in ZeroTrustWorkloadIdentityManager's `spec.bundleConfigMap`. */
  readonly configMap: string;
  /** Prefer `bundle show`, which has the JWT keys that the ConfigMap lacks. */
  readonly preferWhole?: boolean | undefined;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/**
 * Contexts that read or write trust must be verified themselves.
 *
 * @throws {SpirefedError} `preflight`, for `insecure-skip-tls-verify` and `http://`.
 */
export function requireVerifiedServer({ name, server }: Pick<Cluster, "name" | "server">): void {
  if (!server.insecure) return;
  throw new SpirefedError(
    "preflight",
    `[${name}] its kubeconfig entry switches TLS verification off: no bundle is read or written over ${server.url}`,
    {
      code: "context/insecure",
      remedy:
        "give the cluster its certificate-authority in the kubeconfig, without insecure-skip-tls-verify",
    },
  );
}

/**
 * Reads a cluster's own authorities over its verified API: the ConfigMap that SPIRE
 * keeps, else `spire-server bundle show`.
 *
 * @throws {SpirefedError} `preflight`, when neither may be read; `refused`, when what is
 * there cannot vouch for anything.
 */
export async function readApiRoots(cluster: Cluster, query: RootsQuery): Promise<ApiRoots> {
  requireVerifiedServer(cluster);
  const fromConfigMap = (): Promise<ApiRoots | undefined> => readConfigMap(cluster, query);
  const fromServer = (): Promise<ApiRoots | undefined> => readServer(cluster, query);
  const [first, second] = query.preferWhole
    ? [fromServer, fromConfigMap]
    : [fromConfigMap, fromServer];
  const roots = await first() ?? await second();
  if (roots !== undefined) return roots;
  throw new SpirefedError(
    "preflight",
    `[${cluster.name}] cannot read its X.509 authorities: needs get configmaps (${query.configMap}) in ${OPERATOR_NAMESPACE}, or create pods/exec there`,
    {
      code: "permission/roots",
      remedy:
        `kubectl --context ${cluster.name} auth can-i get configmaps/${query.configMap} -n ${OPERATOR_NAMESPACE}`,
    },
  );
}

async function readConfigMap(cluster: Cluster, query: RootsQuery): Promise<ApiRoots | undefined> {
  const name = query.configMap;
  const object = await cluster.get(CONFIG_MAPS, name, { namespace: OPERATOR_NAMESPACE })
    .catch(unlessForbidden);
  const pem = object?.data["bundle.crt"];
  if (pem === undefined || pem.trim() === "") return undefined;
  const parsed = bundleFromPem(new TextEncoder().encode(pem), query);
  return { bundle: usable(parsed, cluster.name, `ConfigMap/${name}`), source: `ConfigMap/${name}` };
}

async function readServer(cluster: Cluster, query: RootsQuery): Promise<ApiRoots | undefined> {
  const bytes = await new SpireServerCli(cluster, query.signal).ownBundle().catch(unlessForbidden);
  if (bytes === undefined) return undefined;
  const source = "spire-server bundle show";
  return { bundle: usable(parseBundle(bytes, query), cluster.name, source), source };
}

function usable(
  { bundle, verdict, problems }: ParsedBundle,
  cluster: string,
  source: string,
): ApiRoots["bundle"] {
  if (bundle !== undefined && verdict.installs) return bundle;
  throw refusedWith(problems, `[${cluster}] ${source} holds no authority that can vouch`);
}

/** "You may not" and "there is none" leave the other way open; anything else is a failure. */
function unlessForbidden(error: unknown): undefined {
  const open = ["http/403", "http/404", "spire/exit"];
  if (error instanceof SpirefedError && open.includes(error.code ?? "")) return undefined;
  throw error;
}
