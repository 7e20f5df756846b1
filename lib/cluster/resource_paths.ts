/**
 * URL paths of the Kubernetes API. Names are checked first: what is no name never
 * becomes a part of a path.
 *
 * @module
 */
import type { Manifest, Resource } from "../../manifests/manifest.ts";
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";

/** Where objects of a kind are. */
export type ResourcePlace = Pick<
  Resource<unknown>,
  "apiVersion" | "kind" | "plural" | "namespaced"
>;

/** Which of them. */
export interface ObjectPlace {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

const API_VERSION = /^(?:[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?v[0-9a-z]+$/;
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * The path of an object, or of all objects of a kind.
 *
 * @example
 * ```ts
 * import { resourcePath } from "./resource_paths.ts";
 * import assert from "node:assert/strict";
 *
 * const routes = {
 *   apiVersion: "route.openshift.io/v1",
 *   kind: "Route",
 *   plural: "routes",
 *   namespaced: true,
 * };
 *
 * assert.equal(
 *   resourcePath(routes, { namespace: "spire", name: "federation" }),
 *   "apis/route.openshift.io/v1/namespaces/spire/routes/federation",
 * );
 * ```
 *
 * @throws {SpirefedError} `usage`, `name/invalid`, if a name is none.
 */
export function resourcePath(
  { apiVersion, kind, plural, namespaced }: ResourcePlace,
  { namespace, name }: ObjectPlace = {},
): string {
  if (!API_VERSION.test(apiVersion)) throw invalid("API version", apiVersion);
  if (!LABEL.test(plural)) throw invalid("resource", plural);
  if (namespaced && name !== undefined && namespace === undefined) {
    throw new Error(`${kind}/${name} needs a namespace`);
  }
  const root = apiVersion.includes("/") ? `apis/${apiVersion}` : `api/${apiVersion}`;
  const scope = namespaced && namespace !== undefined
    ? `/namespaces/${checkNamespace(namespace)}`
    : "";
  const object = name === undefined ? "" : `/${segment(name)}`;
  return `${root}${scope}/${plural}${object}`;
}

/** The path of a pod's subresource: `log`, `exec`. */
export function podPath(
  { namespace, pod }: { readonly namespace: string; readonly pod: string },
  subresource: string,
): string {
  return `api/v1/namespaces/${checkNamespace(namespace)}/pods/${segment(pod)}/${subresource}`;
}

/**
 * How to find a manifest's kind: its plural is made as Kubernetes' own
 * `meta.UnsafeGuessKindToResource` makes it, and it is namespaced when it says
 * which namespace it is in.
 */
export function placeOf({ apiVersion, kind, metadata }: Manifest): ResourcePlace {
  const word = kind.toLowerCase();
  const plural = /^(endpoints|securitycontextconstraints)$/.test(word)
    ? word
    : word.endsWith("s")
    ? `${word}es`
    : word.endsWith("y")
    ? `${word.slice(0, -1)}ies`
    : `${word}s`;
  return { apiVersion, kind, plural, namespaced: metadata.namespace !== undefined };
}

/** `clusterfederatedtrustdomains.spire.spiffe.io`, as permissions name a kind. */
export function groupResource({ apiVersion, plural }: ResourcePlace): string {
  const [group, version] = apiVersion.split("/");
  return version === undefined ? plural : `${plural}.${group}`;
}

function checkNamespace(namespace: string): string {
  if (!LABEL.test(namespace)) throw invalid("namespace", namespace);
  return namespace;
}

/** As Kubernetes' `IsValidPathSegmentName`, and nothing that is not a letter or a sign. */
function segment(name: string): string {
  const isBad = name === "" || name === "." || name === ".." || /[/%]|[\p{Cc}\p{Cs}]/u.test(name) ||
    name.length > 253;
  if (isBad) throw invalid("object name", name);
  return encodeURIComponent(name);
}

function invalid(what: string, value: string): SpirefedError {
  return new SpirefedError("usage", `Not a valid ${what}: "${printable(value, 100)}"`, {
    code: "name/invalid",
  });
}
