/**
 * ClusterFederatedTrustDomains as facts: judged where they arrive, so that of the text of
 * a bundle only what was understood is kept.
 *
 * @module
 */
import { parseTrustDomain, sha256Hex } from "../../spiffe/mod.ts";
import { parseBundle } from "../../spiffe/parse_bundle.ts";
import { printBundle } from "../../spiffe/print_bundle.ts";
import { CLUSTER_FEDERATED_TRUST_DOMAINS } from "../../../manifests/cluster_federated_trust_domain.ts";
import { lintClusterFederatedTrustDomain } from "../../../manifests/cluster_federated_trust_domain_lint.ts";
import { MANAGED_BY, type Resource } from "../../../manifests/manifest.ts";
import { isRecord, type RawObject } from "../../../manifests/raw_object.ts";
import { printable } from "../../output/printable.ts";
import type { BundleFact, Declaration } from "./facts.ts";
import { at } from "./observation.ts";

/** In a mesh the same bundle is met in every cluster: it is judged once. */
const known = new Map<string, BundleFact>();
const KNOWN_LIMIT = 1_000;

/** Reads a bundle that was found somewhere; `trustDomain` may be no trust domain at all. */
export function bundleFact(bytes: Uint8Array, trustDomain: string, now: Date): BundleFact {
  const key = `${trustDomain}\n${now.getTime()}\n${sha256Hex(bytes)}`;
  const found = known.get(key) ?? readBundleFact(bytes, trustDomain, now);
  if (known.size >= KNOWN_LIMIT) known.clear();
  known.set(key, found);
  return found;
}

function readBundleFact(bytes: Uint8Array, trustDomain: string, now: Date): BundleFact {
  let name: ReturnType<typeof parseTrustDomain>;
  try {
    name = parseTrustDomain(trustDomain);
  } catch {
    const message = "It belongs to no trust domain";
    return { problems: [{ severity: "error", code: "trust-domain/invalid", message, path: "" }] };
  }
  const { bundle, problems } = parseBundle(bytes, { trustDomain: name, now });
  return {
    ...(bundle === undefined ? {} : { text: printBundle(bundle) }),
    problems: problems.map((problem) => ({
      ...problem,
      message: printable(problem.message, 300),
      path: printable(problem.path, 200),
    })),
  };
}

/** How to list them; an object that says nonsense is a declaration with problems. */
export function declarations(now: Date): Resource<Declaration> {
  return { ...CLUSTER_FEDERATED_TRUST_DOMAINS, parse: (object) => declarationOf(object, now) };
}

/** @throws {Error} when it is no object at all. */
function declarationOf(object: unknown, now: Date): Declaration {
  if (!isRecord(object)) throw new Error("not an object");
  const text = (...path: readonly string[]): string | undefined => {
    const value = at(object, ...path);
    return typeof value === "string" ? value.slice(0, 2_000) : undefined;
  };
  const trustDomain = text("spec", "trustDomain") ?? "";
  return {
    name: text("metadata", "name") ?? "",
    uid: text("metadata", "uid"),
    resourceVersion: text("metadata", "resourceVersion"),
    created: text("metadata", "creationTimestamp"),
    ours: Object.entries(MANAGED_BY).every(([label, value]) =>
      at(object, "metadata", "labels", label) === value
    ),
    trustDomain,
    url: text("spec", "bundleEndpointURL") ?? "",
    profile: text("spec", "bundleEndpointProfile", "type") ?? "",
    endpointId: text("spec", "bundleEndpointProfile", "endpointSPIFFEID"),
    className: text("spec", "className"),
    bundle: embeddedBundle(object, trustDomain, now),
    problems: lintClusterFederatedTrustDomain(object, { now })
      .map((problem) => ({ ...problem, message: printable(problem.message, 300) })),
  };
}

function embeddedBundle(object: RawObject, trustDomain: string, now: Date): BundleFact | undefined {
  const text = at(object, "spec", "trustDomainBundle");
  if (typeof text !== "string" || text.trim() === "") return undefined;
  return bundleFact(new TextEncoder().encode(text), trustDomain, now);
}
