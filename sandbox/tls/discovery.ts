/**
 * What an API server tells of itself: enough for stock kubectl. The OpenAPI documents
 * say of every kind that anything goes, and that the server validates.
 *
 * @module
 */
import { apiVersionOf, type Kind, KINDS } from "../kinds.ts";

const VERBS = ["create", "delete", "get", "list", "patch", "update", "watch"];

const REVIEWS: Kind = {
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SelfSubjectAccessReview",
  plural: "selfsubjectaccessreviews",
  namespaced: false,
};

/** The answer for a path that is about the server, `undefined` for any other. */
export function discover(path: string): unknown {
  switch (path) {
    case "/version":
      return { major: "1", minor: "34", gitVersion: "v1.34.3", platform: "practice/practice" };
    case "/api":
      return { kind: "APIVersions", versions: ["v1"] };
    case "/apis":
      return { kind: "APIGroupList", apiVersion: "v1", groups: groups().map(groupOf) };
    case "/openapi/v2":
      return openApiV2();
    case "/openapi/v3":
      return {
        paths: Object.fromEntries(
          versions().map((
            version,
          ) => [versionPath(version), {
            serverRelativeURL: `/openapi/v3/${versionPath(version)}?hash=1`,
          }]),
        ),
      };
  }
  const version = versions().find((version) =>
    path === `/${versionPath(version)}` || path === `/openapi/v3/${versionPath(version)}`
  );
  if (version !== undefined) {
    return path.startsWith("/openapi") ? openApiV3(version) : resourcesOf(version);
  }
  const group = groups().find((group) => path === `/apis/${group}`);
  return group === undefined
    ? undefined
    : { kind: "APIGroup", apiVersion: "v1", ...groupOf(group) };
}

function all(): readonly Kind[] {
  return [...KINDS, REVIEWS];
}

function versions(): readonly string[] {
  return [...new Set(all().map(apiVersionOf))];
}

function groups(): readonly string[] {
  return [...new Set(all().map(({ group }) => group).filter((group) => group !== ""))];
}

function versionPath(version: string): string {
  return version.includes("/") ? `apis/${version}` : `api/${version}`;
}

function groupOf(name: string): Readonly<Record<string, unknown>> {
  const versions = [
    ...new Set(all().filter(({ group }) => group === name).map(({ version }) => version)),
  ]
    .map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions, preferredVersion: versions[0] };
}

function resourcesOf(groupVersion: string): unknown {
  const kinds = all().filter((kind) => apiVersionOf(kind) === groupVersion);
  const resources = kinds.flatMap((kind) => {
    const resource = {
      name: kind.plural,
      singularName: kind.kind.toLowerCase(),
      namespaced: kind.namespaced,
      kind: kind.kind,
      shortNames: kind.shortNames ?? [],
      verbs: kind === REVIEWS ? ["create"] : VERBS,
    };
    const part = (name: string, verbs: readonly string[]) => ({
      ...resource,
      name: `${kind.plural}/${name}`,
      singularName: "",
      verbs,
    });
    return kind.kind === "Pod"
      ? [resource, part("log", ["get"]), part("exec", ["create", "get"])]
      : [resource];
  });
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources };
}

const ANYTHING = { type: "object", "x-kubernetes-preserve-unknown-fields": true } as const;

function definitions(kinds: readonly Kind[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(kinds.map((kind) => [
    nameOf(kind),
    { ...ANYTHING, "x-kubernetes-group-version-kind": [gvk(kind)] },
  ]));
}

function nameOf({ group, version, kind }: Kind): string {
  return `${(group || "core").split(".").reverse().join(".")}.${version}.${kind}`;
}

function gvk({ group, version, kind }: Kind): unknown {
  return { group, version, kind };
}

function openApiV2(): unknown {
  const info = { title: "Practice", version: "v1.34.3" };
  return { swagger: "2.0", info, paths: pathsOf(all(), false), definitions: definitions(all()) };
}

function openApiV3(version: string): unknown {
  const kinds = all().filter((kind) => apiVersionOf(kind) === version);
  const info = { title: "Practice", version: "v1.34.3" };
  return {
    openapi: "3.0.0",
    info,
    paths: pathsOf(kinds, true),
    components: { schemas: definitions(kinds) },
  };
}

/** `fieldValidation` among the parameters tells kubectl that the server validates. */
function pathsOf(kinds: readonly Kind[], v3: boolean): Readonly<Record<string, unknown>> {
  return Object.fromEntries(kinds.map((kind) => {
    const scope = kind.namespaced ? "/namespaces/{namespace}" : "";
    const path = `/${versionPath(apiVersionOf(kind))}${scope}/${kind.plural}/{name}`;
    const parameters = ["dryRun", "fieldManager", "fieldValidation", "force"].map((name) => ({
      name,
      in: "query",
      ...(v3 ? { schema: { type: "string" } } : { type: "string" }),
    }));
    const responses = { 200: { description: "OK" } };
    const action = { "x-kubernetes-group-version-kind": gvk(kind), parameters, responses };
    return [path, {
      get: { ...action, "x-kubernetes-action": "get" },
      patch: { ...action, "x-kubernetes-action": "patch" },
    }];
  }));
}
