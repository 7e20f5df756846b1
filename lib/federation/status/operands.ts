/**
 * The operator's objects and what it makes of them, in a line each. Its conditions are read
 * with their traps: Ready flaps, and never comes where a route is left to somebody else.
 *
 * @module
 */
import { printable } from "../../output/printable.ts";
import type { OperandReport } from "../../output/status_result.ts";
import { isRecord } from "../../../manifests/raw_object.ts";
import type { Observation } from "../facts/facts.ts";
import { at } from "../facts/observation.ts";
import type { ClusterView } from "../facts/view.ts";

/** A condition of an object, as it was found. */
export interface FoundCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** The conditions in an object's status. */
export function conditionsIn(object: Observation | undefined): readonly FoundCondition[] {
  const list = at(object?.kept, "status", "conditions");
  if (!Array.isArray(list)) return [];
  return list.filter(isRecord).map((one) => ({
    type: String(one["type"] ?? ""),
    status: String(one["status"] ?? ""),
    reason: String(one["reason"] ?? ""),
    message: String(one["message"] ?? ""),
  }));
}

/** One condition by its type. */
export function conditionIn(
  object: Observation | undefined,
  type: string,
): FoundCondition | undefined {
  return conditionsIn(object).find((condition) => condition.type === type);
}

const OBJECTS = [
  ["manager", "ZeroTrustWorkloadIdentityManager"],
  ["server", "SpireServer"],
  ["agent", "SpireAgent"],
  ["csi", "SpiffeCSIDriver"],
  ["oidc", "SpireOIDCDiscoveryProvider"],
] as const;

const WORKLOADS = [
  ["statefulSets", "StatefulSet", "spire-server"],
  ["daemonSets", "DaemonSet", "spire-agent"],
  ["daemonSets", "DaemonSet", "spire-spiffe-csi-driver"],
  ["deployments", "Deployment", "spire-spiffe-oidc-discovery-provider"],
] as const;

const ROUTES = ["spire-server-federation", "spire-oidc-discovery-provider"] as const;

/** All operands of a cluster. */
export function operandsOf(view: ClusterView): readonly OperandReport[] {
  return [
    ...OBJECTS.map(([key, kind]) => objectReport(view, key, kind)),
    ...WORKLOADS.map(([key, kind, name]) => workloadReport(view, key, `${kind}/${name}`)),
    ...ROUTES.map((name) => routeReport(view, name)),
  ];
}

function objectReport(view: ClusterView, key: string, kind: string): OperandReport {
  const name = `${kind}/cluster`;
  const [object] = view.objects(key);
  if (object === undefined) return absent(view, key, name);
  const ready = conditionIn(object, "Ready");
  if (ready === undefined) return { name, state: "unknown", detail: "it has no Ready condition" };
  if (ready.status === "True") return { name, state: "ready", detail: null };
  if (isOnlyUnmanaged(view, key)) {
    return { name, state: "ready", detail: "its route is managed by hand, so it never says Ready" };
  }
  const said = firstFalse(object) ?? ready;
  const detail = printable(`${said.reason}: ${said.message || said.type}`, 300);
  return { name, state: ready.reason === "Progressing" ? "progressing" : "failed", detail };
}

/** What is false and not only a summary. */
export function firstFalse(object: Observation): FoundCondition | undefined {
  return conditionsIn(object).find(({ type, status, reason }) =>
    status === "False" && type !== "Ready" && type !== "CreateOnlyMode" &&
    type !== "OperandsAvailable" && !isUnmanagedReason(reason)
  );
}

function isUnmanagedReason(reason: string): boolean {
  return reason.endsWith("RouteDisabled");
}

/** Whether nothing but a route that is left to somebody else keeps an object from Ready. */
export function isOnlyUnmanaged(view: ClusterView, key: string): boolean {
  if (key === "manager") {
    const parts = ["server", "agent", "csi", "oidc"].filter((part) =>
      view.objects(part).length > 0
    );
    const unready = parts.filter((part) =>
      conditionIn(view.objects(part)[0], "Ready")?.status === "False"
    );
    return unready.length > 0 && unready.every((part) => isOnlyUnmanaged(view, part));
  }
  const [object] = view.objects(key);
  if (object === undefined) return false;
  const managed = at(object.kept, "spec", "managedRoute") ??
    at(object.kept, "spec", "federation", "managedRoute");
  return managed === "false" && firstFalse(object) === undefined;
}

function absent(view: ClusterView, key: string, name: string): OperandReport {
  const section = view.facts.objects[key];
  if (section?.state === "unread") {
    return { name, state: "unknown", detail: section.why };
  }
  return { name, state: "missing", detail: null };
}

function workloadReport(view: ClusterView, key: string, name: string): OperandReport {
  const object = view.objects(key).find((one) => name.endsWith(`/${one.name}`));
  if (object === undefined) return absent(view, key, name);
  const { ready, wanted } = readinessOf(object);
  if (ready === undefined) return { name, state: "unknown", detail: "it has no status yet" };
  const detail = `${ready}/${wanted} ready`;
  return { name, state: ready >= wanted && wanted > 0 ? "ready" : "progressing", detail };
}

/** How many pods of a workload are ready, and how many should be. */
export function readinessOf({ kept }: Observation): {
  readonly ready: number | undefined;
  readonly wanted: number;
} {
  const number = (...path: readonly string[]): number | undefined => {
    const value = at(kept, ...path);
    return typeof value === "number" ? value : undefined;
  };
  const scheduled = number("status", "desiredNumberScheduled");
  if (scheduled !== undefined) {
    return { ready: number("status", "numberReady") ?? 0, wanted: scheduled };
  }
  if (at(kept, "status") === undefined) return { ready: undefined, wanted: 0 };
  const ready = number("status", "readyReplicas") ?? number("status", "availableReplicas") ?? 0;
  return { ready, wanted: number("spec", "replicas") ?? 1 };
}

function routeReport(view: ClusterView, name: string): OperandReport {
  const label = `Route/${name}`;
  const route = view.objects("routes").find((one) => one.name === name);
  if (route === undefined) return absent(view, "routes", label);
  const host = printable(String(at(route.kept, "spec", "host") ?? ""), 253);
  const refused = whyNotAdmitted(route);
  return refused === undefined
    ? { name: label, state: "ready", detail: host }
    : { name: label, state: "failed", detail: refused };
}

/** Why no router serves a route; `undefined` when one does. */
export function whyNotAdmitted({ kept }: Observation): string | undefined {
  const ingress = at(kept, "status", "ingress");
  const routers = Array.isArray(ingress) ? ingress.filter(isRecord) : [];
  const admissions = routers.flatMap(({ conditions }) =>
    Array.isArray(conditions) ? conditions.filter(isRecord) : []
  ).filter(({ type }) => type === "Admitted");
  if (admissions.some(({ status }) => status === "True")) return undefined;
  const [refusal] = admissions;
  if (refusal === undefined) return "no router has looked at it";
  return printable(`${refusal["reason"] ?? "not admitted"}: ${refusal["message"] ?? ""}`, 300);
}
