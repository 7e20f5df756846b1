import type { Context } from "../../../lib/context.ts";
import { printable } from "../../../lib/output/printable.ts";
import type { Bundle, Problem } from "../../../lib/spiffe/model.ts";
import { printBundle } from "../../../lib/spiffe/print_bundle.ts";
import {
  clusterFederatedTrustDomain,
  CONTROLLER_CLASS,
  type FederatedTrustDomainSpec,
} from "../../../manifests/cluster_federated_trust_domain.ts";
import type { Run } from "../../command.ts";
import { fromContext } from "./from_context.ts";
import { fromFile } from "./from_file.ts";
import { notesOn } from "./notes.ts";
import type { spec } from "./spec.ts";

/** All that an object is made of, and what is to be said about it. */
export interface Ingredients {
  readonly trustDomain: Bundle["trustDomain"];
  readonly bundleEndpointURL: string;
  readonly bundleEndpointProfile: FederatedTrustDomainSpec["bundleEndpointProfile"];
  /** Absent only with https_web, which needs none. */
  readonly bundle: Bundle | undefined;
  readonly className: string | undefined;
  readonly problems: readonly Problem[];
}

/** SPIRE's own default (`bundle_endpoint.refresh_hint`), in seconds. */
const REFRESH_HINT = 300;

/** `oc spirefed cfdt gen` */
export const run: Run<typeof spec> = async ({ flags }, context) => {
  const found = flags.context === undefined
    ? await fromFile(flags, context)
    : await fromContext(flags.context, flags, context);
  const { bundle, trustDomain, bundleEndpointURL, bundleEndpointProfile } = found;
  tell(found, context);
  return {
    result: {
      kind: "Manifests",
      items: [clusterFederatedTrustDomain({
        trustDomain,
        bundleEndpointURL,
        bundleEndpointProfile,
        trustDomainBundle: bundle && printBundle(withRefreshHint(bundle)),
        className: flags.className ?? found.className ?? CONTROLLER_CLASS,
      })],
    },
  };
};

/** Without a hint nobody would know how often to ask again. */
function withRefreshHint(bundle: Bundle): Bundle {
  return { ...bundle, refreshHint: bundle.refreshHint ?? REFRESH_HINT };
}

function tell({ bundle, problems }: Ingredients, { stderr }: Pick<Context, "stderr">): void {
  for (const { message, path } of problems) {
    stderr(`warning: ${printable(message)}${path === "" ? "" : ` (at ${printable(path)})`}\n`);
  }
  if (bundle === undefined) return;
  for (const note of notesOn(bundle, REFRESH_HINT)) stderr(`note: ${printable(note)}\n`);
}
