/**
 * All that a practice cluster holds, for comparing before with after.
 *
 * @module
 */
import type { Manifest } from "../../manifests/manifest.ts";
import type { Workshop } from "./practice.ts";

/** Every object and all that the SPIRE server stores, without what changes by itself. */
export function everythingIn({ mount }: Pick<Workshop, "mount">, name: string): unknown {
  const { objects, spire } = mount.cluster(name);
  return {
    objects: Object.fromEntries(
      [...objects].map(([key, { manifest }]) => [key, lasting(manifest)]).sort(),
    ),
    relationships: [...spire.dynamic.keys(), ...spire.static.keys()].sort(),
    bundles: [...spire.stored.keys()].sort(),
    entries: spire.entries,
  };
}

function lasting({ metadata, ...rest }: Manifest): unknown {
  const { uid, labels, annotations } = metadata;
  return { uid, labels, annotations, spec: rest["spec"], data: rest["data"] };
}
