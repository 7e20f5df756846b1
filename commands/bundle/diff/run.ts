import { SpirefedError } from "../../../lib/errors.ts";
import { compareBundles } from "../../../lib/spiffe/compare_bundles.ts";
import { parseTrustDomain } from "../../../lib/spiffe/trust_domain.ts";
import type { Run } from "../../command.ts";
import { requiredFlag } from "../../required_flag.ts";
import { requireBundle } from "../read_bundle.ts";
import type { spec } from "./spec.ts";

/** `oc spirefed bundle diff OLD NEW --trust-domain TD` */
export const run: Run<typeof spec> = async ({ args: [old = "", offered = ""], flags }, context) => {
  const trustDomain = parseTrustDomain(
    requiredFlag(flags.trustDomain, "--trust-domain apps.east.example"),
  );
  if (old === "-" && offered === "-") {
    throw new SpirefedError("usage", "Only one of the two bundles can come from standard input");
  }
  const now = flags.at ?? context.now();
  const { sequence, ...change } = compareBundles(
    await requireBundle({ path: old, trustDomain, now }, context),
    await requireBundle({ path: offered, trustDomain, now }, context),
  );
  return {
    result: {
      kind: "BundleChange",
      ...change,
      sequence: {
        old: sequence.old?.toString() ?? null,
        new: sequence.new?.toString() ?? null,
      },
    },
    failure: change.advice === "confirm" ? "refused" : undefined,
  };
};
