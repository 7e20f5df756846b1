/**
 * What `spire-server … -output json` prints, read: protocol buffers as JSON, in snake case,
 * 64-bit integers as strings.
 *
 * @module
 */
import * as v from "valibot";
import { SpirefedError } from "../errors.ts";
import { reader } from "../../manifests/reading.ts";

/** A relationship in a server's datastore. */
export interface StoredRelationship {
  readonly trustDomain: string;
  readonly url: string;
  readonly profile: "https_spiffe" | "https_web";
  readonly endpointId: string | undefined;
}

/** One of a server's own X.509 authorities. */
export interface OwnAuthority {
  readonly phase: "active" | "prepared" | "old";
  /** Its subject key identifier, lower-case hex. */
  readonly id: string;
  /** RFC 3339. */
  readonly expires: string;
}

/** A registration entry, as far as it is read. */
export interface EntryAnswer {
  readonly spiffeId: string;
  readonly parentId: string;
  /** `k8s:pod-uid:…` */
  readonly selectors: readonly string[];
  readonly federatesWith: readonly string[];
  readonly hint: string | undefined;
}

const relationships = reader(v.object({
  federation_relationships: v.nullish(
    v.array(v.object({
      trust_domain: v.string(),
      bundle_endpoint_url: v.string(),
      https_spiffe: v.nullish(v.object({ endpoint_spiffe_id: v.string() })),
    })),
    [],
  ),
}));

const authority = v.nullish(v.object({
  authority_id: v.string(),
  expires_at: v.nullish(v.string(), "0"),
}));

const authorities = reader(v.object({ active: authority, prepared: authority, old: authority }));

const id = v.nullish(v.object({ trust_domain: v.string(), path: v.string() }));

const entries = reader(v.object({
  entries: v.nullish(
    v.array(v.object({
      spiffe_id: id,
      parent_id: id,
      selectors: v.nullish(v.array(v.object({ type: v.string(), value: v.string() })), []),
      federates_with: v.nullish(v.array(v.string()), []),
      hint: v.nullish(v.string()),
    })),
    [],
  ),
}));

/** @throws {SpirefedError} `preflight`, when it is not what SPIRE prints. */
export function readRelationships(text: string): readonly StoredRelationship[] {
  return read(text, relationships).federation_relationships.map((one) => ({
    trustDomain: one.trust_domain,
    url: one.bundle_endpoint_url,
    profile: one.https_spiffe ? "https_spiffe" : "https_web",
    endpointId: one.https_spiffe?.endpoint_spiffe_id,
  }));
}

/** @throws {SpirefedError} `preflight`, when it is not what SPIRE prints. */
export function readAuthorities(text: string): readonly OwnAuthority[] {
  const found = read(text, authorities);
  return (["active", "prepared", "old"] as const).flatMap((phase) => {
    const one = found[phase];
    if (one === null || one === undefined) return [];
    const expires = new Date(Number(one.expires_at) * 1000);
    if (Number.isNaN(expires.getTime())) return [];
    return [{ phase, id: one.authority_id.toLowerCase(), expires: expires.toISOString() }];
  });
}

/** @throws {SpirefedError} `preflight`, when it is not what SPIRE prints. */
export function readEntries(text: string): readonly EntryAnswer[] {
  return read(text, entries).entries.map((entry) => ({
    spiffeId: idText(entry.spiffe_id),
    parentId: idText(entry.parent_id),
    selectors: entry.selectors.map(({ type, value }) => `${type}:${value}`),
    federatesWith: entry.federates_with,
    hint: entry.hint ?? undefined,
  }));
}

function idText(one: v.InferOutput<typeof id>): string {
  return one === null || one === undefined ? "" : `spiffe://${one.trust_domain}${one.path}`;
}

function read<T>(text: string, schema: (value: unknown) => T): T {
  try {
    return schema(JSON.parse(text));
  } catch (cause) {
    throw new SpirefedError("preflight", "spire-server printed JSON of another form than known", {
      code: "spire/answer",
      cause,
    });
  }
}
