/**
 * What a test asks a World after a federation was made.
 *
 * @module
 */
import { compareBundles, parseBundle, parseTrustDomain } from "../../lib/spiffe/mod.ts";
import type { Bundle } from "../../lib/spiffe/model.ts";
import { servedBundle } from "../../sandbox/network.ts";
import type { Practice } from "./practice.ts";

/** What a cluster's server stores for another's trust domain equals what that one serves. */
export function holdsBundleOf({ world, mount }: Practice, holder: string, peer: string): boolean {
  const trustDomain = parseTrustDomain(`apps.${peer}.example`);
  const text = mount.cluster(holder).spire.stored.get(trustDomain);
  if (text === undefined) return false;
  const now = new Date(world.clock);
  const read = (text: string): Bundle | undefined =>
    parseBundle(new TextEncoder().encode(text), { trustDomain, now }).bundle;
  const [stored, served] = [read(text), read(servedBundle(mount.cluster(peer).spire))];
  if (stored === undefined || served === undefined) return false;
  const { added, removed } = compareBundles(stored, served);
  return added.length === 0 && removed.length === 0;
}
