/**
 * What is left of it all, and why: the last look of a cleanup.
 *
 * @module
 */
import { printable } from "../../output/printable.ts";
import type { Leftover } from "../../output/change_result.ts";
import { isMadeHere, OPERATOR_NAMESPACE } from "../../../manifests/manifest.ts";
import { isRecord } from "../../../manifests/raw_object.ts";
import { SPIRE_SERVERS } from "../../../manifests/spire_server.ts";
import type { Found, Grounds } from "./look.ts";
import { isOfOperator, isOfRun, isOurs, takesOperator } from "./plan.ts";
import type { CleanupPart, CleanupRequest } from "./request.ts";

/** What decides how it is told. */
export type AuditOptions = Pick<CleanupRequest, "parts" | "keepCa">;

/** Everything that is there, without what `going` names by uid. */
export function auditOf(
  grounds: Grounds,
  options: AuditOptions,
  going: ReadonlySet<string> = new Set(),
): readonly Leftover[] {
  const stays = ({ object }: Found): boolean => !going.has(object.metadata.uid ?? "");
  const { cluster, stack, claim } = grounds;
  const told = (part: CleanupPart, found: readonly Found[]): readonly Leftover[] =>
    found.filter(stays).map((one) => tell(grounds, part, { found: one, options }));
  const isStackGone = stack.every((found) => !stays(found));
  return [
    ...told("workloads", grounds.namespaces.filter(isOfRun)),
    ...told("workloads", grounds.identities.filter(isOurs)),
    ...grounds.declared.filter(stays).map((found) => tellDeclared(cluster, found, options)),
    ...stack.filter(stays).flatMap((found) => staticPeersOf(cluster, found)),
    ...told("stack", stack),
    ...isStackGone ? told("stack", grounds.routes) : [],
    ...isStackGone && claim !== undefined && stays(claim) ? [tellClaim(cluster, options)] : [],
    ...told("operator", subscriptionsOf(grounds)),
    ...told("operator", grounds.versions),
    ...told("operator", grounds.groups),
    ...told("operator", grounds.namespaces.filter(isOperatorNamespace)),
    ...tellDefinitions(cluster, grounds.definitions.filter(stays)),
  ];
}

function isOperatorNamespace({ object }: Found): boolean {
  return object.metadata.name === OPERATOR_NAMESPACE;
}

function subscriptionsOf({ subscriptions }: Grounds): readonly Found[] {
  return subscriptions.map((object) => ({ resource: SPIRE_SERVERS, object: { ...object } }));
}

function nameOf({ object }: Found): string {
  return `${object.kind}/${printable(object.metadata.name, 253)}`;
}

function tell(
  grounds: Grounds,
  part: CleanupPart,
  { found, options }: { readonly found: Found; readonly options: AuditOptions },
): Leftover {
  const { cluster } = grounds;
  const { kind, metadata } = found.object;
  const isNamed = options.parts.includes(part);
  // A version carries no label: it goes with a Subscription of ours, or with none.
  const follows = isOfOperator(metadata.labels) ||
    (kind === "ClusterServiceVersion" && takesOperator(grounds));
  if (!isMadeHere(metadata) && !(follows && !isNamed)) {
    return {
      cluster,
      object: nameOf(found),
      why: "this program did not make it",
      next: null,
    };
  }
  return {
    cluster,
    object: nameOf(found),
    why: isNamed ? "something that stays needs it" : `${part} was not named`,
    next: isNamed ? null : `oc spirefed cleanup ${cluster} --only ${part}`,
  };
}

function tellDeclared(cluster: string, found: Found, { parts }: AuditOptions): Leftover {
  const { spec } = found.object as { readonly spec?: unknown };
  const trustDomain = isRecord(spec) ? printable(String(spec["trustDomain"]), 255) : "its peer";
  const isMade = isOurs(found);
  return {
    cluster,
    object: nameOf(found),
    why: isMade && !parts.includes("federation")
      ? `${cluster} still trusts ${trustDomain}; federation was not named`
      : `${cluster} still trusts ${trustDomain}; this program did not make it`,
    next: isMade && !parts.includes("federation")
      ? `oc spirefed cleanup ${cluster} --only federation`
      : `oc spirefed unpeer ${cluster} ${trustDomain} --local-only`,
  };
}

/** Entries of a list carry no label: without an object beside them nobody can tell whose they are. */
function staticPeersOf(cluster: string, { object }: Found): readonly Leftover[] {
  const { kind, spec } = object as { readonly kind: string; readonly spec?: unknown };
  if (kind !== SPIRE_SERVERS.kind || !isRecord(spec) || !isRecord(spec["federation"])) return [];
  const listed: unknown = spec["federation"]["federatesWith"];
  const names = (Array.isArray(listed) ? listed : []).map((peer) =>
    String(isRecord(peer) ? peer["trustDomain"] : peer)
  );
  return names.map((name) => ({
    cluster,
    object: `SpireServer/cluster federatesWith ${printable(name, 255)}`,
    why: `${cluster} still trusts it; a list does not tell who made its entries`,
    next: `oc spirefed unpeer ${cluster} ${printable(name, 255)} --local-only`,
  }));
}

function tellClaim(cluster: string, { keepCa, parts }: AuditOptions): Leftover {
  return {
    cluster,
    object: "PersistentVolumeClaim/spire-data-spire-server-0",
    why: keepCa
      ? "it holds the certificate authority, and --keep-ca was given"
      : "it holds the certificate authority",
    next: parts.includes("stack") && !keepCa ? null : `oc spirefed cleanup ${cluster} --only stack`,
  };
}

function tellDefinitions(cluster: string, found: readonly Found[]): readonly Leftover[] {
  if (found.length === 0) return [];
  return [{
    cluster,
    object: found.length === 1
      ? "1 CustomResourceDefinition"
      : `${found.length} CustomResourceDefinitions`,
    why: "another installation of SPIRE may use them, and they do no harm; --crds takes them away",
    next: null,
  }];
}
