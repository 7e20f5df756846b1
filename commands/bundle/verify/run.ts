import type { BundleVerdictResult } from "../../../lib/output/result.ts";
import { rfc3339 } from "../../../lib/output/rfc3339.ts";
import type { ParsedBundle, TrustDomain } from "../../../lib/spiffe/model.ts";
import { parseTrustDomain } from "../../../lib/spiffe/trust_domain.ts";
import type { Run } from "../../command.ts";
import { requiredFlag } from "../../required_flag.ts";
import { readBundle } from "../read_bundle.ts";
import type { spec } from "./spec.ts";

/** `oc spirefed bundle verify FILE --trust-domain TD` */
export const run: Run<typeof spec> = async ({ args: [path = "-"], flags }, context) => {
  const trustDomain = parseTrustDomain(
    requiredFlag(flags.trustDomain, "--trust-domain apps.east.example"),
  );
  const now = flags.at ?? context.now();
  const parsed = await readBundle({ path, trustDomain, now }, context);
  return {
    result: verdictOf(trustDomain, parsed),
    failure: parsed.verdict.installs ? undefined : "usage",
  };
};

function verdictOf(trustDomain: TrustDomain, parsed: ParsedBundle): BundleVerdictResult {
  const { bundle, verdict: { installs, refreshes }, problems } = parsed;
  return {
    kind: "BundleVerdict",
    trustDomain,
    installs,
    refreshes,
    x509Authorities: (bundle?.x509Authorities ?? []).map((authority) => ({
      sha256: authority.sha256,
      ski: authority.ski,
      subject: authority.subject,
      notBefore: rfc3339(authority.notBefore),
      notAfter: rfc3339(authority.notAfter),
    })),
    jwtAuthorities: (bundle?.jwtAuthorities ?? []).map(({ kid, kty }) => ({ kid, kty })),
    sequence: bundle?.sequence?.toString() ?? null,
    refreshHint: bundle?.refreshHint ?? null,
    problems,
  };
}
