/**
 * The definitions of the operator's and of SPIRE's kinds, as objects: a practice cluster
 * serves these kinds while it has them.
 *
 * @module
 */
import { OWNED_DEFINITIONS } from "../manifests/custom_resource_definition.ts";
import type { Manifest } from "../manifests/manifest.ts";
import { type Kind, KINDS, resourceName, storeKey } from "./kinds.ts";
import type { ClusterState } from "./model.ts";

const OWNED: ReadonlySet<string> = new Set(OWNED_DEFINITIONS);

/** Whether a practice cluster knows a kind by now. */
export function isServed(
  { missingKinds, objects }: Pick<ClusterState, "missingKinds" | "objects">,
  kind: Kind,
): boolean {
  if (missingKinds.includes(kind.plural)) return false;
  const name = resourceName(kind);
  return !OWNED.has(name) || objects.has(storeKey("customresourcedefinitions", name));
}

/** The definitions that come with the operator. */
export function ownedDefinitions(): readonly Manifest[] {
  return KINDS.filter((kind) => OWNED.has(resourceName(kind))).map(definitionOf);
}

const ANYTHING = { "x-kubernetes-preserve-unknown-fields": true } as const;

function definitionOf(kind: Kind): Manifest {
  const { group, version, kind: name, plural } = kind;
  const schema = kind.specFields === undefined ? ANYTHING : {
    type: "object",
    properties: {
      spec: object(kind.specFields.map((field) => {
        const nested = kind.nestedFields?.[field];
        return [
          field,
          nested === undefined ? ANYTHING : object(nested.map((one) => [one, ANYTHING])),
        ];
      })),
    },
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: resourceName(kind) },
    spec: {
      group,
      scope: "Cluster",
      names: { kind: name, plural, singular: name.toLowerCase(), listKind: `${name}List` },
      versions: [{
        name: version,
        served: true,
        storage: true,
        schema: { openAPIV3Schema: schema },
      }],
    },
  };
}

function object(properties: readonly (readonly [string, unknown])[]): object {
  return { type: "object", properties: Object.fromEntries(properties) };
}
