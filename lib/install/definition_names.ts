/**
 * Names of definitions.
 *
 * @module
 */
import type { Resource } from "../../manifests/manifest.ts";

/** `spireservers.operator.openshift.io`: a definition is named after what it defines. */
export function groupResource(
  { apiVersion, plural }: Pick<Resource<unknown>, "apiVersion" | "plural">,
): string {
  return `${plural}.${apiVersion.split("/")[0]}`;
}
