/**
 * What a bundle endpoint shows to somebody who goes to its URL: routes, the router,
 * and the server behind it.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Manifest } from "../manifests/manifest.ts";
import { at } from "./validation.ts";
import type { ClusterState, SpireState, World } from "./model.ts";
import { printSpireBundle } from "./spiffe_bundle.ts";

/** What came of going there: an answer, or how the network failed. */
export type Visit =
  | { readonly problem: "dns" | "refused" | "eof"; readonly host: string }
  | {
    readonly problem: undefined;
    readonly cluster: string;
    /** DER of what the endpoint shows, leaf first; it has the key for it. */
    readonly chain: readonly Uint8Array[];
    readonly status: number;
    readonly body: string;
    readonly location: string | undefined;
  };

/**
 * Goes to a URL, to the router its name resolves to or to the one at `address`. Whether
 * the certificates are worth anything is for the visitor to judge.
 */
export function visit(
  world: World,
  url: string,
  address = resolve(world, new URL(url).hostname),
): Visit {
  const { hostname: host, port, pathname } = new URL(url);
  if (address === undefined) return { problem: "dns", host };
  const cluster = [...world.clusters.values()].find(({ network }) => network.address === address);
  if (cluster === undefined) return { problem: "refused", host };
  if (!cluster.network.routerUp || port !== "") return { problem: "refused", host };
  const { spire, network: { answer } } = cluster;
  const served = cluster.restartingUntil === undefined && spire.endpoint !== undefined;
  if (!served || !routes(cluster).some((route) => hostOf(route) === host && isAdmitted(route))) {
    return { problem: "eof", host };
  }
  const right = pathname === "/";
  return {
    problem: undefined,
    cluster: cluster.name,
    chain: answer?.chain ?? spire.chain,
    status: answer?.status ?? (right ? 200 : 404),
    body: answer?.body ?? (right ? servedBundle(spire) : "404 page not found\n"),
    location: answer?.location,
  };
}

/** The router's address for a name: every name below a cluster's ingress domain has one. */
export function resolve(world: World, host: string): string | undefined {
  for (const cluster of world.clusters.values()) {
    if (host.endsWith(`.${ingressDomainOf(cluster)}`)) return cluster.network.address;
  }
  return undefined;
}

function ingressDomainOf({ objects }: ClusterState): string {
  return String(at(objects.get("ingresses//cluster")?.manifest, "spec.domain"));
}

function routes({ objects }: ClusterState): readonly Manifest[] {
  return [...objects.values()].map(({ manifest }) => manifest).filter(({ kind }) =>
    kind === "Route"
  );
}

function hostOf(route: Manifest): unknown {
  return at(route, "spec.host");
}

function isAdmitted(route: Manifest): boolean {
  const ingress = at(route, "status.ingress");
  return Array.isArray(ingress) &&
    ingress.some((router) =>
      (at(router, "conditions") as readonly { type: string; status: string }[]).some((
        { type, status },
      ) => type === "Admitted" && status === "True")
    );
}

/** The body of a SPIRE server's bundle endpoint. */
export function servedBundle(spire: SpireState): string {
  return printSpireBundle({ ...ownBundle(spire), refreshHint: spire.endpoint?.refreshHint }, 0);
}

/** A server's own bundle, as its datastore keeps it: without a refresh hint. */
export function ownBundle(
  { x509Authorities, jwtAuthorities, sequence }: SpireState,
): Parameters<typeof printSpireBundle>[0] {
  return {
    x509: x509Authorities.map(({ der }) => Buffer.from(der).toString("base64")),
    jwt: jwtAuthorities,
    sequence,
    refreshHint: undefined,
  };
}
