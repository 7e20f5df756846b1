/**
 * Judges several objects: each alone, and then side by side.
 *
 * @module
 */
import type { LintReportResult } from "../../../lib/output/result.ts";
import type { Problem } from "../../../lib/spiffe/model.ts";
import {
  lintClusterFederatedTrustDomain,
  type LintOptions,
} from "../../../manifests/cluster_federated_trust_domain_lint.ts";
import { isRecord } from "../../../manifests/raw_object.ts";
import type { FoundObject } from "../../../manifests/yaml_reading.ts";

/** Judges objects in their order; of two for one trust domain the older wins in the controller. */
export function lintAll(
  found: readonly FoundObject[],
  options: LintOptions,
): LintReportResult["items"] {
  const claims = found.map(claimOf);
  return claims.map((claim) => {
    const { object, path, name, trustDomain } = claim;
    const problems = [
      ...lintClusterFederatedTrustDomain(object, options),
      ...lintSideBySide(claim, claims.filter((other) => other !== claim)),
    ].map((problem) => ({ ...problem, path: path + problem.path }));
    const ok = problems.every(({ severity }) => severity !== "error");
    return { name, trustDomain, ok, problems };
  });
}

/** An object, and what it claims beside the others. */
interface Claim extends FoundObject {
  readonly at: number;
  readonly name: string;
  readonly trustDomain: string;
  readonly created: string;
  readonly uid: string;
}

function claimOf({ object, path }: FoundObject, at: number): Claim {
  const metadata = isRecord(object.metadata) ? object.metadata : {};
  const spec = isRecord(object.spec) ? object.spec : {};
  return {
    object,
    path,
    at,
    name: text(metadata.name),
    trustDomain: text(spec.trustDomain),
    created: text(metadata.creationTimestamp),
    uid: text(metadata.uid),
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function lintSideBySide(claim: Claim, others: readonly Claim[]): readonly Problem[] {
  const problems: Problem[] = [];
  const winner = others.find((other) =>
    claim.trustDomain !== "" && other.trustDomain === claim.trustDomain && wins(other, claim)
  );
  if (winner !== undefined) {
    problems.push({
      severity: "error",
      code: "cfdt/duplicate-trust-domain",
      message: `${JSON.stringify(winner.name)} is for the same trust domain and wins: ` +
        "the controller ignores this one",
      path: "/spec/trustDomain",
    });
  }
  const namesake = others.find((other) =>
    claim.name !== "" && other.name === claim.name && other.at < claim.at
  );
  if (namesake !== undefined) {
    problems.push({
      severity: "error",
      code: "cfdt/duplicate-name",
      message: "An earlier object has the same name: this one would replace it",
      path: "/metadata/name",
    });
  }
  return problems;
}

/**
 * The older one, and of equally old ones the one with the lower uid. Where that is not
 * known, what is in a cluster already, and then what is applied first.
 */
function wins(one: Claim, other: Claim): boolean {
  if (one.created !== other.created) {
    if (one.created === "" || other.created === "") return one.created !== "";
    return one.created < other.created;
  }
  if (one.uid !== "" && other.uid !== "" && one.uid !== other.uid) return one.uid < other.uid;
  return one.at < other.at;
}
