/**
 * From an HTTP request to a call of the World's API server, and back.
 *
 * @module
 */
import { load } from "js-yaml";
import type { Manifest } from "../../manifests/manifest.ts";
import type { FaultVerb } from "../faults.ts";
import { type Kind, kindAt } from "../kinds.ts";
import { CONTAINERS, logText } from "../log_text.ts";
import type { Status } from "../model.ts";
import type { Mount } from "../mount.ts";
import { isAllowed, listObjects, readObject } from "../object_reading.ts";
import type { Write, WriteMode } from "../write_attempt.ts";
import { forbidden, isStatus, noContainer, notFound, refused } from "../statuses.ts";
import { apiVersionOf } from "../kinds.ts";

/** A request, read whole. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly userAgent: string;
  readonly body: string;
  readonly bytes: Uint8Array;
}

/** What an API server answers. */
export interface ApiAnswer {
  readonly status: number;
  /** An object to send as JSON, or text to send as it is. */
  readonly body: unknown;
  readonly retryAfter?: string | undefined;
}

/** What a path names. */
export interface Target {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

const PATH_REGEXP =
  /^\/(?:api\/(v1)|apis\/([^/]+)\/([^/]+))(?:\/namespaces\/([^/]+)(?=\/[^/]+))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;

/** What a path names, `undefined` when it is no object's. */
export function targetOf(path: string): Target | undefined {
  const [, core, group = "", version, namespace, plural = "", name, subresource] =
    PATH_REGEXP.exec(path) ?? [];
  const kind = kindAt(group, core ?? version ?? "", plural);
  if (kind === undefined) return undefined;
  const decode = (text: string | undefined): string | undefined => text && decodeURIComponent(text);
  return { kind, namespace: decode(namespace), name: decode(name), subresource };
}

/** Which verb of the port a request is, for faults. */
export function verbOf({ method, contentType, query }: ApiRequest, target: Target): FaultVerb {
  if (target.subresource === "log") return "logs";
  if (target.subresource === "exec") return "exec";
  if (method === "GET") {
    if (target.name !== undefined) return "get";
    return query.get("watch") ? "watch" : "list";
  }
  if (method === "POST") return "create";
  if (method === "DELETE") return "delete";
  return contentType.includes("apply-patch") ? "apply" : "patch";
}

/** Better said at once than a pod that is never started. */
const NO_PODS = refused(
  403,
  "Forbidden",
  "practice clusters run no pods: what needs workloads, such as test-mtls, needs real clusters",
);

/** Answers any request for objects by its path. */
export function answerTo(mount: Mount, cluster: string, request: ApiRequest): ApiAnswer {
  const target = targetOf(request.path);
  return target === undefined
    ? { status: 404, body: "404 page not found\n" }
    : answerFor(mount, cluster, request, target);
}

/** Answers a request for objects; watches and exec are another's. */
export function answerFor(
  mount: Mount,
  cluster: string,
  request: ApiRequest,
  target: Target,
): ApiAnswer {
  if (target.subresource === "log") return logs(mount, cluster, request, target);
  if (request.method === "GET") return read(mount, cluster, request, target);
  const write = writeOf(request, target);
  if (write === undefined) {
    return statusAnswer(
      refused(
        405,
        "MethodNotAllowed",
        "the server does not allow this method on the requested resource",
      ),
    );
  }
  if (write.verb === "create" && target.kind.kind === "Pod") return statusAnswer(NO_PODS);
  const answer = mount.dispatch({ type: "write", cluster, write });
  if (answer === undefined || "result" in answer) throw new Error("a write answered nothing");
  if ("status" in answer) return statusAnswer(answer.status);
  if (write.verb === "delete") {
    const { name, uid } = answer.object.metadata;
    return {
      status: 200,
      body: { kind: "Status", apiVersion: "v1", status: "Success", details: { name, uid } },
    };
  }
  return { status: answer.created ? 201 : 200, body: answer.object };
}

/** A Status as an answer. */
export function statusAnswer({ code, reason, message, causes, about }: Status): ApiAnswer {
  const details = { ...about, ...(causes.length === 0 ? {} : { causes }) };
  return {
    status: code,
    body: {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message,
      reason,
      ...(Object.keys(details).length === 0 ? {} : { details }),
      code,
    },
  };
}

function read(
  mount: Mount,
  cluster: string,
  { query }: ApiRequest,
  { kind, name, namespace }: Target,
): ApiAnswer {
  const state = mount.cluster(cluster);
  if (name !== undefined) {
    const found = readObject(state, { kind, name, namespace });
    return isStatus(found) ? statusAnswer(found) : { status: 200, body: found };
  }
  const found = listObjects(state, kind, {
    namespace,
    labelSelector: query.get("labelSelector") ?? "",
  });
  if (isStatus(found)) return statusAnswer(found);
  const wanted = /^metadata\.name=(.+)$/.exec(query.get("fieldSelector") ?? "")?.[1];
  return {
    status: 200,
    body: {
      kind: `${kind.kind}List`,
      apiVersion: apiVersionOf(kind),
      metadata: { resourceVersion: String(state.resourceVersion) },
      items: found.filter(({ metadata }) => (wanted ?? metadata.name) === metadata.name),
    },
  };
}

function logs(
  mount: Mount,
  cluster: string,
  { query }: ApiRequest,
  { kind, name = "" }: Target,
): ApiAnswer {
  const state = mount.cluster(cluster);
  if (!isAllowed(state, "get", "pods/log")) return statusAnswer(forbidden("get", "pods/log", ""));
  if (name !== "spire-server-0") return statusAnswer(notFound(kind, name));
  const container = query.get("container") ?? "spire-server";
  if (!CONTAINERS.includes(container)) return statusAnswer(noContainer(container, name));
  const [since, seconds, tail] = ["sinceTime", "sinceSeconds", "tailLines"].map((key) =>
    query.get(key)
  );
  const sinceTime = since
    ? new Date(since)
    : seconds
    ? new Date(mount.now - Number(seconds) * 1000)
    : undefined;
  const text = logText(state.spire.log, container, {
    sinceTime,
    tailLines: tail ? Number(tail) : undefined,
    timestamps: query.get("timestamps") === "true",
    previous: query.get("previous") === "true",
  });
  return { status: 200, body: text };
}

function writeOf(request: ApiRequest, { kind, namespace, name }: Target): Write | undefined {
  const { method, query, contentType } = request;
  const mode = modeOf(request);
  if (method === "DELETE" && name !== undefined) {
    const { preconditions = {}, dryRun } = parse(request.body) as {
      preconditions?: { uid?: string; resourceVersion?: string };
      dryRun?: readonly string[];
    };
    const place = { kind, name, namespace };
    return {
      verb: "delete",
      place,
      ...preconditions,
      mode: { ...mode, dryRun: mode.dryRun || dryRun?.includes("All") },
    };
  }
  const body = parse(request.body) as Manifest;
  const place = { kind, name: name ?? body.metadata?.name ?? "", namespace };
  if (method === "POST") return { verb: "create", place, body, mode };
  if (method === "PUT") return { verb: "replace", place, body, mode };
  if (method !== "PATCH") return undefined;
  if (contentType.includes("apply-patch")) {
    return { verb: "apply", place, body, mode: { ...mode, force: query.get("force") === "true" } };
  }
  const type = contentType.includes("json-patch") ? "json" : "merge";
  return { verb: "patch", place, patch: { type, body }, mode };
}

function modeOf({ query, userAgent }: ApiRequest): WriteMode {
  return {
    manager: query.get("fieldManager") ?? (userAgent.split("/")[0] || "unknown"),
    dryRun: query.getAll("dryRun").includes("All"),
    strict: query.get("fieldValidation") === "Strict",
  };
}

/** JSON is YAML. */
function parse(text: string): unknown {
  return text.trim() === ""
    ? {}
    : text.trimStart().startsWith("{") || text.trimStart().startsWith("[")
    ? JSON.parse(text)
    : load(text);
}
