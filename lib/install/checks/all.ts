/**
 * The list of all checks of `preflight`, in the order of a report.
 *
 * @module
 */
import type { Check } from "../../check/check.ts";
import type { Subject } from "../subject.ts";
import { API_CHECKS } from "./api.ts";
import { DEFINITION_CHECKS } from "./definitions.ts";
import { FEDERATION_CHECKS } from "./federation.ts";
import { OLM_CHECKS } from "./olm.ts";
import { OPENSHIFT_CHECKS } from "./openshift.ts";
import { STACK_CHECKS } from "./stack.ts";
import { TRUST_DOMAIN_CHECKS } from "./trust_domain.ts";

/** Every one has a heading in docs/checks.md. */
export const PREFLIGHT_CHECKS: readonly Check<Subject>[] = [
  ...API_CHECKS,
  ...OPENSHIFT_CHECKS,
  ...TRUST_DOMAIN_CHECKS,
  ...OLM_CHECKS,
  ...DEFINITION_CHECKS,
  ...STACK_CHECKS,
  ...FEDERATION_CHECKS,
];

/**
 * Those that `install` demands before it writes. The others judge what is there, which
 * an installation waits for or mends.
 */
export const INSTALL_CHECKS: readonly Check<Subject>[] = PREFLIGHT_CHECKS.filter(({ id }) =>
  !/^(stack\/(server|agent|csi-driver|oidc)|controller\/|route\/|endpoint\/|federation\/|definitions\/|operator\/running|olm\/install|permissions\/peer)/
    .test(id)
);
