/**
 * What `peer -o json` told of directions.
 *
 * @module
 */
import type { PeerEdge } from "../../lib/output/change_result.ts";
import type { Practice } from "./practice.ts";

/** The edges of the latest answer on stdout; none when there was no answer. */
export function edgesTold({ context }: Practice): readonly PeerEdge[] {
  const text = context.out.at(-1);
  return text === undefined ? [] : (JSON.parse(text) as { readonly edges: PeerEdge[] }).edges;
}
