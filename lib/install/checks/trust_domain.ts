/**
 * Checks of the name that a cluster has, or is to have.
 *
 * @module
 */
import { type Check, fail, type Outcome, pass, skip, warn } from "../../check/check.ts";
import { changeWords, conflictsIn } from "../conflicts.ts";
import { valueOf } from "../reading.ts";
import { ofSeen, type Seen, type Subject } from "../subject.ts";

/** What the operator's definition takes (`spec.trustDomain`). */
const PATTERN = /^[a-z0-9]([a-z0-9\-.]*[a-z0-9])?$/;
const MAX = 255;
/** A Route's host is `federation.` and the trust domain, and a host has at most 253 characters. */
const MAX_HOSTED = 253 - "federation.".length;
const MAX_LABEL = 63;

/** All of them. */
export const TRUST_DOMAIN_CHECKS: readonly Check<Subject>[] = [
  ofSeen({
    id: "trust-domain/name",
    title: "its trust domain is one, and fits into a host name",
    judge: (seen) => {
      const { wanted, cluster } = seen;
      if (wanted === undefined) {
        return fail(
          "nothing says what its trust domain is to be",
          `oc spirefed install ${cluster} --trust-domain TD`,
        );
      }
      return judgeName(wanted.trustDomain, cluster);
    },
  }),
  ofSeen({
    id: "trust-domain/ingress",
    title: "its trust domain is below its ingress domain",
    requires: ["trust-domain/name"],
    judge: ({ facts, wanted }) => {
      const domain = valueOf(facts.ingress)?.spec.domain ?? "";
      const trustDomain = wanted?.trustDomain ?? "";
      if (domain === "") return skip("its ingress domain is not known");
      if (trustDomain === domain || trustDomain.endsWith(`.${domain}`)) return pass(trustDomain);
      return warn(
        `${trustDomain} is not below ${domain}: federation.${trustDomain} needs a DNS record of its own, and peer asks whether the name is meant`,
        `point federation.${trustDomain} at the router of ${domain}, and give --expect-trust-domain to peer`,
      );
    },
  }),
  ofSeen({
    id: "trust-domain/distinct",
    title: "no other cluster named has the same trust domain",
    requires: ["trust-domain/name", "api/distinct"],
    judge: ({ wanted, others, cluster }) => {
      const twin = others.find((one) => one.wanted?.trustDomain === wanted?.trustDomain);
      return twin === undefined ? pass() : fail(
        `${twin.looked.cluster} has the trust domain ${wanted?.trustDomain}, too: the two can never federate`,
        `oc spirefed install ${cluster} --trust-domain ANOTHER, before SPIRE is set up: it cannot be changed later`,
      );
    },
  }),
  ofSeen({
    id: "stack/immutable",
    title: "nothing is asked for that can no longer be changed",
    judge: judgeConflicts,
  }),
];

function judgeName(trustDomain: string, cluster: string): Outcome {
  const again = `oc spirefed install ${cluster} --trust-domain TD`;
  if (!PATTERN.test(trustDomain) || trustDomain.length > MAX) {
    return fail(
      `"${trustDomain}" is no trust domain that the operator takes: lower-case letters, digits, - and ., at most ${MAX}`,
      again,
    );
  }
  if (trustDomain.length > MAX_HOSTED) {
    return fail(
      `federation.${trustDomain} has more than 253 characters: no Route can have this host`,
      again,
    );
  }
  const long = trustDomain.split(".").find((label) => label.length > MAX_LABEL || label === "");
  return long === undefined ? pass(trustDomain) : fail(
    `"${long}" in ${trustDomain} is no label of a host name (1 to ${MAX_LABEL} characters): no Route can have this host`,
    again,
  );
}

function judgeConflicts({ facts, wanted, cluster }: Seen): Outcome {
  const conflicts = conflictsIn(facts, wanted);
  if (conflicts.length === 0) return pass();
  return fail(
    `${conflicts.map(changeWords).join("; ")}: the operator lets nobody change this`,
    `oc spirefed install ${cluster} without these settings keeps what is there; to change them SPIRE has to be removed first: oc spirefed cleanup ${cluster} --only stack`,
  );
}
