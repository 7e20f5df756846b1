/**
 * What a contract may lean on: two clusters behind the port that commands use, on
 * whichever ground it is run: the sandbox's World, or real Kubernetes and SPIRE.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Cluster, ExecResult } from "../../lib/cluster/cluster.ts";
import { CONTROLLER_CLASS } from "../../manifests/cluster_federated_trust_domain.ts";
import { type Manifest, OPERATOR_NAMESPACE } from "../../manifests/manifest.ts";

/** One of the two clusters. */
export interface Party {
  readonly trustDomain: string;
  readonly cluster: Cluster;
  /** Server-side apply as another field manager, taking over what there is. */
  readonly applyAs: (manager: string, manifest: Manifest) => Promise<void>;
  /** A request as it is, and the answer as it is. */
  readonly ask: (
    method: string,
    path: string,
    content?: { readonly type?: string; readonly body: unknown },
  ) => Promise<Answer>;
}

/** What an API server answered: its HTTP status, and its body parsed. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Where a contract is run. */
export interface Ground {
  readonly holder: Party;
  readonly peer: Party;
  /** Waits until the answer is true. */
  readonly eventually: (what: string, probe: () => Promise<boolean>) => Promise<void>;
  /** Lets time pass in which nothing is expected to happen. */
  readonly pass: (seconds: number) => Promise<void>;
}

/** A behaviour that both grounds must show. */
export interface Contract {
  readonly name: string;
  /** Starts with a holder that knows no peer, and leaves whatever it likes. */
  readonly run: (ground: Ground) => Promise<void>;
}

/** The SPIRE server's container. */
export const SPIRE_SERVER = {
  namespace: OPERATOR_NAMESPACE,
  pod: "spire-server-0",
  container: "spire-server",
} as const;

/** The SPIRE server's own command line. */
export async function spire(
  { cluster }: Party,
  words: readonly string[],
  stdin?: string,
): Promise<ExecResult> {
  const bytes = stdin === undefined ? undefined : new TextEncoder().encode(stdin);
  return await cluster.exec(SPIRE_SERVER, ["/spire-server", ...words], { stdin: bytes });
}

/** A party's own bundle, as its server prints it. */
export async function ownBundle(party: Party): Promise<string> {
  const { code, stdout } = await spire(party, ["bundle", "show", "-format", "spiffe"]);
  assert.equal(code, 0);
  return stdout;
}

/** The certificates in a bundle. */
export function authoritiesOf(bundle: string): readonly string[] {
  const keys: readonly { readonly use: string; readonly x5c?: readonly string[] }[] =
    JSON.parse(bundle).keys;
  return keys.filter(({ use }) => use === "x509-svid").map(({ x5c }) => x5c?.[0] ?? "").sort();
}

/** The certificates that a server stores for a trust domain; `undefined` without a bundle. */
export async function stored(
  holder: Party,
  trustDomain: string,
): Promise<readonly string[] | undefined> {
  const words = ["bundle", "list", "-id", `spiffe://${trustDomain}`, "-format", "spiffe"];
  const { code, stdout } = await spire(holder, words);
  return code === 0 ? authoritiesOf(stdout) : undefined;
}

/** Whether the server knows a relationship with a trust domain. */
export async function isRelated(holder: Party, trustDomain: string): Promise<boolean> {
  return (await spire(holder, ["federation", "show", "-trustDomain", trustDomain])).code === 0;
}

/** `federation refresh`. */
export async function refresh(holder: Party, trustDomain: string): Promise<ExecResult> {
  return await spire(holder, ["federation", "refresh", "-id", `spiffe://${trustDomain}`]);
}

/** How a ClusterFederatedTrustDomain differs from the plain one. */
export interface Variation {
  readonly name?: string;
  readonly bundle?: string | undefined;
  readonly url?: string;
  /** `null` leaves it out. */
  readonly className?: string | null;
  /** Further members of the spec. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** A ClusterFederatedTrustDomain for `peer`. */
export function declaration({ trustDomain }: Party, variation: Variation = {}): Manifest {
  const { name = "contract", bundle, className = CONTROLLER_CLASS } = variation;
  return {
    apiVersion: "spire.spiffe.io/v1alpha1",
    kind: "ClusterFederatedTrustDomain",
    metadata: { name },
    spec: {
      trustDomain,
      bundleEndpointURL: variation.url ?? `https://federation.${trustDomain}`,
      bundleEndpointProfile: {
        type: "https_spiffe",
        endpointSPIFFEID: `spiffe://${trustDomain}/spire/server`,
      },
      ...(bundle === undefined ? {} : { trustDomainBundle: bundle }),
      ...(className === null ? {} : { className }),
      ...variation.more,
    },
  };
}

/** The holder trusts the peer, by a plain declaration with the peer's bundle. */
export async function trusting({ holder, peer, eventually }: Ground): Promise<string> {
  const bundle = await ownBundle(peer);
  await holder.cluster.apply(declaration(peer, { bundle }));
  await eventually("the relationship", () => isRelated(holder, peer.trustDomain));
  return bundle;
}

/** Asserts a refusal by its code and, in its message or cause, its words. */
export async function assertRefused(
  work: Promise<unknown>,
  code: string,
  ...words: readonly RegExp[]
): Promise<void> {
  await assert.rejects(work, (error: Error & { readonly code?: string }) => {
    const text = `${error.message}\n${error.cause instanceof Error ? error.cause.message : ""}`;
    assert.equal(error.code, code, text);
    for (const word of words) assert.match(text, word);
    return true;
  });
}
