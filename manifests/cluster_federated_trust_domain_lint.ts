/**
 * Judges a ClusterFederatedTrustDomain before it is applied. Nobody else does: the
 * schema's patterns are not anchored, the webhook may not answer, the object has no
 * status, and the controller says no more than a line in its log.
 *
 * @module
 */
import type { Problem, TrustDomain } from "../lib/spiffe/model.ts";
import { parseBundle } from "../lib/spiffe/parse_bundle.ts";
import { spiffeIdComplaint } from "../lib/spiffe/spiffe_id.ts";
import { trustDomainComplaint } from "../lib/spiffe/trust_domain.ts";
import {
  CLUSTER_FEDERATED_TRUST_DOMAINS,
  CONTROLLER_CLASS,
} from "./cluster_federated_trust_domain.ts";
import {
  OBJECT_FIELDS,
  PROFILE_FIELDS,
  SPEC_FIELDS,
  unknownFields,
} from "./cluster_federated_trust_domain_fields.ts";
import { endpointUrlComplaint } from "./cluster_federated_trust_domain_url.ts";
import { lintMetadata } from "./metadata_lint.ts";
import { isRecord, type RawObject } from "./raw_object.ts";

/** The value with which the operator marks, and finds, what belongs to it. */
const OPERATOR_MARK = "zero-trust-workload-identity-manager";

/** What the judge has to know beside the object. */
export interface LintOptions {
  /** The time certificates are judged by. */
  readonly now: Date;
}

/**
 * Judges an object as spire-controller-manager judges it, and then some: what would
 * be ignored, refused or could never authenticate an endpoint is an error, what is
 * probably not meant is a warning. Every problem carries its place.
 */
export function lintClusterFederatedTrustDomain(
  object: RawObject,
  options: LintOptions,
): readonly Problem[] {
  return [
    ...lintFrame(object),
    ...isRecord(object.spec)
      ? lintSpec(object.spec, options)
      : [error("cfdt/spec", "It has no spec", "/spec")],
  ];
}

function lintFrame(object: RawObject): readonly Problem[] {
  const { apiVersion } = CLUSTER_FEDERATED_TRUST_DOMAINS;
  const problems = [...unknownFields(object, OBJECT_FIELDS, "")];
  if (object.apiVersion !== apiVersion) {
    problems.push(error("cfdt/api-version", `The apiVersion must be ${apiVersion}`, "/apiVersion"));
  }
  const metadata = isRecord(object.metadata) ? object.metadata : {};
  problems.push(...lintMetadata(object.metadata));
  const labels = isRecord(metadata.labels) ? metadata.labels : {};
  if (labels["app.kubernetes.io/managed-by"] === OPERATOR_MARK) {
    const message = "It carries the operator's own label, though the operator did not make it";
    const path = "/metadata/labels/app.kubernetes.io~1managed-by";
    problems.push(warning("cfdt/operator-label", message, path));
  }
  return problems;
}

function lintSpec(spec: RawObject, options: LintOptions): readonly Problem[] {
  return [
    ...unknownFields(spec, SPEC_FIELDS, "/spec"),
    ...lintTrustDomain(spec.trustDomain),
    ...lintUrl(spec.bundleEndpointURL),
    ...lintProfile(spec.bundleEndpointProfile, spec.trustDomain),
    ...lintBundle(spec, options),
    ...lintClass(spec.className),
  ];
}

function lintTrustDomain(value: unknown): readonly Problem[] {
  const complaint = complaintOf(value, trustDomainComplaint);
  if (complaint === undefined) return [];
  return [error("cfdt/trust-domain", `Not a trust domain: ${complaint}`, "/spec/trustDomain")];
}

function lintUrl(value: unknown): readonly Problem[] {
  const complaint = complaintOf(value, endpointUrlComplaint);
  if (complaint === undefined) return [];
  const message = `Not the URL of a bundle endpoint: ${complaint}`;
  return [error("cfdt/endpoint-url", message, "/spec/bundleEndpointURL")];
}

function lintProfile(profile: unknown, trustDomain: unknown): readonly Problem[] {
  const path = "/spec/bundleEndpointProfile";
  if (!isRecord(profile)) {
    const meant = typeof profile === "string" ? ", not a string as in SpireServer" : "";
    return [error("cfdt/profile", `It must be an object with a type${meant}`, path)];
  }
  const problems = [...unknownFields(profile, PROFILE_FIELDS, path)];
  if (profile.type === "https_web") problems.push(...lintWebProfile(profile.endpointSPIFFEID));
  else if (profile.type === "https_spiffe") {
    problems.push(...lintSpiffeProfile(profile.endpointSPIFFEID, trustDomain));
  } else {
    const message = "The type must be https_spiffe or https_web";
    problems.push(error("cfdt/profile", message, `${path}/type`));
  }
  return problems;
}

const ENDPOINT_ID_PATH = "/spec/bundleEndpointProfile/endpointSPIFFEID";

function lintWebProfile(endpointId: unknown): readonly Problem[] {
  if (endpointId === undefined || endpointId === "") return [];
  const message = "With https_web there must be no endpointSPIFFEID";
  return [error("cfdt/endpoint-id", message, ENDPOINT_ID_PATH)];
}

function lintSpiffeProfile(endpointId: unknown, trustDomain: unknown): readonly Problem[] {
  const complaint = complaintOf(endpointId, spiffeIdComplaint);
  if (complaint !== undefined) {
    return [error("cfdt/endpoint-id", `Not a SPIFFE ID: ${complaint}`, ENDPOINT_ID_PATH)];
  }
  if (complaintOf(trustDomain, trustDomainComplaint) !== undefined) return [];
  if (`${endpointId}/`.startsWith(`spiffe://${trustDomain}/`)) return [];
  const message = "The endpoint's ID lies in another trust domain: that one's bundle, " +
    "not the one given here, has to authenticate the endpoint";
  return [warning("cfdt/endpoint-id-elsewhere", message, ENDPOINT_ID_PATH)];
}

function lintClass(className: unknown): readonly Problem[] {
  const path = "/spec/className";
  if (className === CONTROLLER_CLASS) return [];
  if (typeof className !== "string" || className === "") {
    const message = `Without the right className the controller ignores it: ${CONTROLLER_CLASS}`;
    return [error("cfdt/class-missing", message, path)];
  }
  const message = `The operator's controller minds only the class ${CONTROLLER_CLASS}`;
  return [warning("cfdt/class-unusual", message, path)];
}

const BUNDLE_PATH = "/spec/trustDomainBundle";

function lintBundle(spec: RawObject, { now }: LintOptions): readonly Problem[] {
  const { trustDomainBundle: text, trustDomain, bundleEndpointProfile: profile } = spec;
  if (text === undefined || text === "") {
    return isRecord(profile) && profile.type === "https_web" ? [] : [warning(
      "cfdt/no-bundle",
      "Without a bundle nothing authenticates the endpoint, unless one is stored already",
      BUNDLE_PATH,
    )];
  }
  if (typeof text !== "string") {
    return [error("cfdt/bundle", "It must be the bundle's JSON as a string", BUNDLE_PATH)];
  }
  if (/^\s*-----BEGIN /.test(text)) {
    const message = "The controller reads no PEM: it must be a SPIFFE bundle, which is JSON";
    return [error("cfdt/bundle-pem", message, BUNDLE_PATH)];
  }
  if (complaintOf(trustDomain, trustDomainComplaint) !== undefined) return []; // said already
  return lintBundleText(text, { trustDomain: trustDomain as TrustDomain, now });
}

function lintBundleText(
  text: string,
  { trustDomain, now }: { readonly trustDomain: TrustDomain; readonly now: Date },
): readonly Problem[] {
  const { problems } = parseBundle(new TextEncoder().encode(text), { trustDomain, now });
  return problems.map(({ path, ...problem }) => ({
    ...problem.code === "bundle/expired" ? STALE : problem,
    ...path === "" || problem.code === "bundle/expired"
      ? {}
      : { message: `${problem.message} (${path} of the bundle)` },
    path: BUNDLE_PATH,
  }));
}

/** No error: the server holds a fresher bundle as long as the relationship lives. */
const STALE = {
  severity: "warning",
  code: "bundle/embedded-stale",
  message: "No X.509 authority in it is valid now: it would not bootstrap a relationship",
} as const;

function complaintOf(
  value: unknown,
  complaint: (text: string) => string | undefined,
): string | undefined {
  if (value === undefined) return "it is missing";
  if (typeof value !== "string") return `it is a ${typeof value}; put it in quotes`;
  return complaint(value);
}

function error(code: string, message: string, path: string): Problem {
  return { severity: "error", code, message, path };
}

function warning(code: string, message: string, path: string): Problem {
  return { severity: "warning", code, message, path };
}
