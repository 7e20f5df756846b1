/**
 * What a probe holds: its SVIDs with their keys, and the bundle of each trust domain
 * under that trust domain's name. Bundles are never put together.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createPrivateKey, type KeyObject } from "node:crypto";
import type { BundleRecord } from "../lib/mtls/records.ts";
import {
  type Bundle,
  bundleFromPem,
  certificateFacts,
  derToPem,
  parseTrustDomain,
} from "../lib/spiffe/mod.ts";
import { DerReader } from "../lib/spiffe/der.ts";
import type { WorkloadAnswer } from "./workload_answer.ts";

/** A certificate chain and the key that it proves to hold. */
export interface Credentials {
  readonly id: string;
  /** Leaf first. */
  readonly chain: readonly Uint8Array[];
  readonly key: KeyObject;
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Certificates and bundles as a moment's state. */
export interface Keyring {
  readonly credentials: readonly Credentials[];
  readonly bundles: ReadonlyMap<string, Bundle>;
}

/** What came from the Workload API, taken apart. */
export function keyringOf({ svids, federated }: WorkloadAnswer): Keyring {
  const bundles = new Map<string, Bundle>();
  for (const [trustDomain, ders] of federated) addBundle(bundles, trustDomain, split(ders));
  for (const { spiffeId, bundle } of svids) {
    const trustDomain = /^spiffe:\/\/([^/]+)/.exec(spiffeId)?.[1] ?? "";
    addBundle(bundles, trustDomain, split(bundle));
  }
  return {
    bundles,
    credentials: svids.map(({ spiffeId, chain, key }) => {
      const certificates = split(chain);
      const { serial, notBefore, notAfter } = certificateFacts(certificates[0] ?? new Uint8Array());
      return {
        id: spiffeId,
        chain: certificates,
        key: createPrivateKey({ key: Buffer.from(key), format: "der", type: "pkcs8" }),
        serial,
        notBefore,
        notAfter,
      };
    }),
  };
}

/** The same with one more authority, under its own trust domain's name and no other. */
export function acquainted(keyring: Keyring, trustDomain: string, der: Uint8Array): Keyring {
  if (keyring.bundles.has(trustDomain)) throw new Error(`${trustDomain} is known already`);
  const bundles = new Map(keyring.bundles);
  addBundle(bundles, trustDomain, [der]);
  return { ...keyring, bundles };
}

/** The authorities of one trust domain as the TLS stack takes them; none for one not known. */
export function authoritiesOf({ bundles }: Keyring, trustDomain: string): string[] {
  return (bundles.get(trustDomain)?.x509Authorities ?? []).map(({ der }) => derToPem(der));
}

/** Bundles as they are reported. */
export function bundleRecords({ bundles }: Keyring): readonly BundleRecord[] {
  return [...bundles.values()].map(({ trustDomain, x509Authorities }) => ({
    trustDomain,
    authorities: x509Authorities.map(({ sha256 }) => sha256),
    newestNotBefore: new Date(
      Math.max(...x509Authorities.map(({ notBefore }) => notBefore.getTime())),
    ).toISOString(),
  }));
}

function addBundle(
  bundles: Map<string, Bundle>,
  name: string,
  ders: readonly Uint8Array[],
): void {
  const pem = new TextEncoder().encode(ders.map(derToPem).join(""));
  const trustDomain = parseTrustDomain(name);
  const { bundle } = bundleFromPem(pem, { trustDomain, now: new Date() });
  if (bundle !== undefined) bundles.set(name, bundle);
}

function split(ders: Uint8Array): readonly Uint8Array[] {
  return new DerReader(ders, "the Workload API's answer").rest()
    .map(({ whole }) => new Uint8Array(whole));
}
