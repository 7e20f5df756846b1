/**
 * From a refusing answer of an API server to a message a person understands.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import { groupResource, type ResourcePlace } from "./resource_paths.ts";

/** What was being done, for messages. */
export interface Operation {
  /** As this program calls it: `get`, `apply`. */
  readonly verb: string;
  /** As permissions call it: `patch` for an apply. */
  readonly permission: string;
  /** `ClusterFederatedTrustDomain/apps.west.example`, or the kind alone. */
  readonly object: string;
  readonly place: ResourcePlace;
  readonly namespace?: string | undefined;
}

/** The cluster an operation was for. */
export interface Spoken {
  /** As the user named it. */
  readonly name: string;
  /** Options of `oc` that name it too, quoted for a shell. */
  readonly options: string;
  readonly url: string;
}

/** An answer that says no. */
export interface Refusal {
  readonly status: number;
  readonly contentType: string;
  readonly location: string | undefined;
  readonly body: Uint8Array;
}

/** The parts of a `metav1.Status` that are used. */
export interface StatusBody {
  readonly succeeded: boolean;
  readonly message: string;
  readonly reason: string;
  readonly code: number | undefined;
  readonly objectName: string;
  readonly causes: readonly Cause[];
}

interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** `[east] apply ClusterFederatedTrustDomain/x`, as every message about an operation begins. */
export function headline({ name }: Pick<Spoken, "name">, { verb, object }: Operation): string {
  return `[${printable(name)}] ${verb} ${printable(object)}`;
}

/** Reads a Status out of a parsed body; `undefined` when it is none. */
export function readStatus(value: unknown): StatusBody | undefined {
  const { kind, status, message, reason, code, details } = members(value);
  if (kind !== "Status") return undefined;
  const { name, causes } = members(details);
  return {
    succeeded: status === "Success",
    message: text(message),
    reason: text(reason),
    code: typeof code === "number" ? code : undefined,
    objectName: text(name),
    causes: (Array.isArray(causes) ? causes : []).slice(0, 50).map(members).map((cause) => ({
      reason: text(cause["reason"]),
      message: text(cause["message"]),
      field: text(cause["field"]),
    })),
  };
}

/** The Status in a refusal's body; `undefined` when something else answered, a proxy say. */
export function statusOf({ body }: Pick<Refusal, "body">): StatusBody | undefined {
  try {
    return readStatus(JSON.parse(new TextDecoder().decode(body)));
  } catch {
    return undefined;
  }
}

/** Whether a 404 means that the server has no such kind, rather than no such object. */
export function isMissingKind(refusal: Refusal): boolean {
  if (refusal.status !== 404) return false;
  const status = statusOf(refusal);
  if (status !== undefined) return status.objectName === "";
  return new TextDecoder().decode(refusal.body.subarray(0, 100)).trim() === "404 page not found";
}

/** The failure that a refusal stands for. */
export function statusFailure(
  operation: Operation,
  { cluster, refusal }: { readonly cluster: Spoken; readonly refusal: Refusal },
): SpirefedError {
  const { kind, apiVersion } = operation.place;
  if (isMissingKind(refusal)) {
    return new SpirefedError(
      "preflight",
      `[${printable(cluster.name)}] ${printable(kind)} (${printable(apiVersion)}) is not installed`,
      {
        code: "http/404-kind",
        remedy: `oc ${cluster.options} get crd ${groupResource(operation.place)}`,
      },
    );
  }
  const status = statusOf(refusal);
  const reason = status?.reason || (REASONS.get(refusal.status) ?? "");
  const number = [String(refusal.status), printable(reason, 100)].filter(Boolean).join(" ");
  const said = explanation(refusal, status);
  return new SpirefedError(
    "preflight",
    `${headline(cluster, operation)}: ${number}${said === "" ? "" : `: ${said}`}`,
    {
      code: `http/${refusal.status}`,
      remedy: remedy(operation, { cluster, httpStatus: refusal.status, status }),
    },
  );
}

const REASONS = new Map([
  [400, "BadRequest"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "NotFound"],
  [407, "Proxy Authentication Required"],
  [409, "Conflict"],
  [413, "RequestEntityTooLarge"],
  [422, "Invalid"],
  [429, "TooManyRequests"],
  [500, "InternalError"],
  [502, "Bad Gateway"],
  [503, "ServiceUnavailable"],
  [504, "Gateway Timeout"],
]);

const CONFLICT = /^conflict with "([^"]*)"/;

function explanation(refusal: Refusal, status: StatusBody | undefined): string {
  if (status === undefined) return foreignAnswer(refusal);
  const conflicts = status.causes.filter(({ reason }) => reason === "FieldManagerConflict");
  if (conflicts.length > 0) {
    const byManager = Map.groupBy(
      conflicts,
      ({ message }) => CONFLICT.exec(message)?.[1] ?? message,
    );
    return [...byManager].map(([manager, causes]) =>
      `conflict with manager "${printable(manager, 200)}": ${
        causes.map(({ field }) => printable(field, 200)).join(", ")
      }`
    ).join("; ");
  }
  const fields = status.causes
    .filter(({ field }) => field !== "" && !status.message.includes(field))
    .map(({ field, message }) => `${printable(field, 200)}: ${printable(message, 300)}`);
  return [printable(status.message, 1000), ...fields].filter(Boolean).join("; ");
}

/** Not an API server's answer: a proxy's or a router's page, which is never shown in full. */
function foreignAnswer({ status, contentType, location, body }: Refusal): string {
  if (status >= 300 && status < 400) {
    return `redirected to ${printable(location ?? "nowhere", 300)}, which is not followed`;
  }
  const words = new TextDecoder().decode(body.subarray(0, 20_000));
  if (!contentType.includes("html")) return printable(words.trim(), 300);
  const title = /<title>([^<]{1,200})<\/title>/i.exec(words)?.[1];
  return title === undefined ? "the answer is an HTML page" : `HTML page "${printable(title)}"`;
}

function remedy(
  { permission, place, namespace }: Operation,
  { cluster, httpStatus, status }: {
    readonly cluster: Spoken;
    readonly httpStatus: number;
    readonly status: StatusBody | undefined;
  },
): string | undefined {
  const at = namespace === undefined ? "" : ` -n ${namespace}`;
  switch (httpStatus) {
    case 401:
      return `oc login ${cluster.options} --server ${printable(cluster.url)}`;
    case 403:
      return `oc ${cluster.options} auth can-i ${permission} ${groupResource(place)}${at}`;
    case 409:
      return status?.causes.some(({ reason }) => reason === "FieldManagerConflict")
        ? "Change it where that manager gets it from, or take it over with --force-conflicts"
        : undefined;
    case 407:
      return "Put user and password of the proxy into proxy-url or HTTPS_PROXY";
    case 429:
    case 503:
      return "Try again when the API server is less busy";
    default:
      return httpStatus >= 500 ? `oc ${cluster.options} get --raw '/readyz?verbose'` : undefined;
  }
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
