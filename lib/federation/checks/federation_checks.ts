/**
 * Whether one direction of trust works: the stored bundle, and the holder's own refresh, on
 * top of the declaration.
 *
 * @module
 */
import { type Check, fail, pass, skip, warn } from "../../check/check.ts";
import { duration } from "../../output/duration.ts";
import { printable } from "../../output/printable.ts";
import { readFact } from "../facts/view.ts";
import { conditionsOf, isPerhapsOver, saidOfLastPoll } from "../status/conditions.ts";
import type { Direction } from "../status/direction.ts";
import { fixCommand, peerCommand, refreshCommand } from "../status/remedies.ts";
import { isStale } from "../status/report.ts";
import { DECLARATION_CHECKS } from "./declaration_checks.ts";
import {
  bySaying,
  failureOf,
  hostOf,
  isUntrusted,
  object,
  wasEdited,
  words,
} from "./direction_words.ts";

/** In the order in which one builds on the other. */
export const FEDERATION_CHECKS: readonly Check<Direction>[] = [
  ...DECLARATION_CHECKS,
  {
    id: "federation/seeded",
    title: "a bundle of the peer is stored",
    after: ["cfdt/endpoint"],
    judge: (direction) => {
      const { stored, trustDomain, holder, winner } = direction;
      const absent = stored.state === "absent" || failureOf(direction) === "never-seeded";
      if (!absent) return pass();
      if (direction.followed?.profile === "https_web") return pass("https_web begins without one");
      return fail(
        `${holder.name} stores no bundle of ${trustDomain}: nothing authenticates the peer's endpoint${
          winner === undefined ? ", and nothing declares one" : ""
        }`,
        winner === undefined ? peerCommand(direction) : fixCommand(direction),
      );
    },
  },
  {
    id: "federation/expired",
    title: "what is stored has not expired",
    after: ["federation/seeded"],
    judge: (direction) => {
      const { stored, holder } = direction;
      if (stored.state !== "present") return pass();
      const { x509Authorities } = stored.bundle;
      if (x509Authorities.some(({ notAfter }) => notAfter > holder.now)) return pass();
      return fail(
        x509Authorities.length === 0
          ? "the stored bundle holds no authority"
          : "every stored authority has expired: the server cannot authenticate the endpoint again by itself",
        fixCommand(direction),
      );
    },
  },
  {
    id: "federation/rolled-back",
    title: "no edit put an old bundle back",
    after: ["federation/expired", "peer:endpoint/identity"],
    judge: (direction) => {
      if (!isUntrusted(direction) || !wasEdited(direction)) return pass();
      return fail(
        `an edit of ${
          object(direction)
        } wrote its old text over what was stored, and that does not authenticate the endpoint any more`,
        fixCommand(direction),
      );
    },
  },
  {
    id: "federation/bundle",
    title: "what is stored authenticates the peer's endpoint",
    after: ["federation/rolled-back", "peer:endpoint/identity"],
    judge: (direction) => {
      const { authenticates } = direction;
      if (!isUntrusted(direction)) {
        return authenticates.state === "unknown" && direction.refreshed === undefined
          ? skip("the endpoint's certificates, or what is stored, are not known")
          : pass();
      }
      const reason = authenticates.state === "no" ? authenticates.reason : words(direction);
      return fail(`begin trust anew: ${printable(reason, 300)}`, fixCommand(direction));
    },
  },
  bySaying("federation/understood", "the holder's SPIRE understands what the peer serves", {
    means: ["unknown-use"],
    after: ["federation/bundle"],
    remedy: () => "bring the SPIRE servers of both sides to one version",
  }),
  bySaying("federation/name", "the holder's server can resolve the peer's endpoint", {
    means: ["dns"],
    after: ["federation/seeded", "peer:endpoint/reachable"],
    remedy: (direction) =>
      `make ${
        hostOf(direction)
      } resolve inside ${direction.holder.name}: a DNS record, or forwarding`,
  }),
  {
    id: "federation/egress",
    title: "the holder's server may reach the peer's endpoint",
    after: ["federation/seeded", "peer:endpoint/reachable"],
    judge: (direction) => {
      if (failureOf(direction) !== "timeout") return pass();
      const { holder } = direction;
      const rules = [...holder.objects("egressFirewalls"), ...holder.objects("networkPolicies")]
        .map(({ kind, name }) => `${kind}/${printable(name, 60)}`);
      return fail(
        `from inside ${holder.name} it times out, from here it answers: ${words(direction)}${
          rules.length === 0 ? "" : `; look at ${rules.join(", ")}`
        }`,
        `allow TCP 443 to ${
          hostOf(direction)
        } from namespace zero-trust-workload-identity-manager of ${holder.name}`,
      );
    },
  },
  bySaying("federation/proxy", "the proxy lets the holder's server through", {
    means: ["proxy"],
    after: ["federation/seeded", "peer:endpoint/reachable"],
    remedy: (direction) =>
      `oc --context ${direction.holder.name} edit proxy cluster   # add ${
        hostOf(direction)
      } to spec.noProxy, or allow CONNECT to it`,
  }),
  bySaying("federation/passthrough", "TLS reaches the peer's server unbroken from inside", {
    means: ["no-uri-san"],
    after: ["federation/seeded", "peer:endpoint/identity"],
    remedy: (direction) =>
      `let TLS to ${hostOf(direction)} pass inspection, and the peer's route be passthrough`,
  }),
  {
    id: "federation/refresh",
    title: "the holder's server refreshes the peer's bundle",
    after: [
      "federation/bundle",
      "federation/understood",
      "federation/name",
      "federation/egress",
      "federation/proxy",
      "federation/passthrough",
      "peer:endpoint/reachable",
      "peer:endpoint/answer",
      "peer:server/running",
      "peer:api/clock",
      "holder:api/clock",
    ],
    judge: (direction) => {
      const { refreshed, holder, intervalSeconds } = direction;
      if (isPerhapsOver(direction)) {
        return warn(saidOfLastPoll(direction), refreshCommand(direction));
      }
      if (refreshed?.ok === false) {
        return fail(words(direction), refreshCommand(direction));
      }
      const fresh = conditionsOf(direction, undefined).find(({ type }) => type === "Fresh");
      if (fresh?.status === "False") {
        return fail(fresh.evidence, fresh.remedy ?? fixCommand(direction));
      }
      if (fresh?.status === "Unknown" || refreshed === undefined) {
        return skip(fresh?.evidence ?? "no refresh was seen");
      }
      const age = (holder.now.getTime() - refreshed.at.getTime()) / 1000;
      return pass(`${duration(age)} ago, one every ${duration(intervalSeconds)}`);
    },
  },
  {
    id: "cfdt/embedded",
    title: "the text in the declaration could begin the relationship again",
    after: ["federation/bundle"],
    judge: (direction) => {
      const { winner, trustDomain, holder } = direction;
      if (winner?.bundle === undefined) return pass();
      if (!isStale(direction, readFact(winner.bundle, trustDomain, holder.now))) return pass();
      return warn(
        `the text in ${
          object(direction)
        } is outdated; changing it alone changes nothing that is stored`,
        `${peerCommand(direction)} --refresh-embedded`,
      );
    },
  },
];
