/**
 * Whether one direction of trust works: the declaration, the relationship, the stored
 * bundle, and the holder's own refresh.
 *
 * @module
 */
import { type Check, fail, pass, skip, warn } from "../../check/check.ts";
import { duration } from "../../output/duration.ts";
import { printable } from "../../output/printable.ts";
import { CONTROLLER_LOG } from "../facts/collect_logs.ts";
import { isRefused, readFact } from "../facts/view.ts";
import {
  conditionsOf,
  driftOf,
  driftRemedy,
  isDeclared,
  isPerhapsOver,
  saidOfLastPoll,
} from "../status/conditions.ts";
import { type Direction, sameWay } from "../status/direction.ts";
import {
  bySaying,
  editCommand,
  failureOf,
  hostOf,
  isUntrusted,
  leadsTo,
  object,
  wasEdited,
  words,
} from "./direction_words.ts";
import { fixCommand, peerCommand, refreshCommand } from "../status/remedies.ts";
import { isStale } from "../status/report.ts";

/** In the order in which one builds on the other. */
export const FEDERATION_CHECKS: readonly Check<Direction>[] = [
  {
    id: "cfdt/declared",
    title: "the holder declares the peer",
    after: ["holder:api/reachable", "holder:crd/established", "holder:stack/created"],
    judge: (direction) => {
      const { holder, peer, trustDomain } = direction;
      if (isDeclared(direction)) return pass();
      if (holder.facts.declared.state === "unread") return skip(holder.facts.declared.why);
      return fail(
        `one-way: ${
          peer?.name ?? trustDomain
        } declares ${holder.name}, ${holder.name} declares nothing for ${trustDomain}`,
        peerCommand(direction),
      );
    },
  },
  {
    id: "cfdt/valid",
    title: "the declaration is valid",
    after: ["cfdt/declared"],
    judge: (direction) => {
      const refused = direction.declarations.find(isRefused);
      if (refused === undefined) return pass();
      const problem = refused.problems.find(({ severity }) => severity === "error");
      const said = `ClusterFederatedTrustDomain/${printable(refused.name, 80)}: ${
        printable(problem?.message ?? "not valid", 300)
      }; the controller ignores it`;
      const remedy = refused.ours ? peerCommand(direction) : editCommand(direction);
      return direction.winner === undefined && direction.static === undefined
        ? fail(said, remedy)
        : warn(said, remedy);
    },
  },
  {
    id: "cfdt/class",
    title: "the declaration is of the class that the controller minds",
    after: ["cfdt/valid"],
    judge: (direction) => {
      const { winner, declarations, holder } = direction;
      if (winner !== undefined || declarations.length === 0) return pass();
      const [other] = declarations;
      const is = other?.className === undefined || other.className === ""
        ? "has no className"
        : `is of class ${printable(other.className, 80)}`;
      return fail(
        `${
          object(direction)
        } ${is}: the controller minds ${holder.className} and ignores it without a word`,
        other?.ours
          ? fixCommand(direction)
          : `oc --context ${holder.name} patch clusterfederatedtrustdomain ${
            printable(other?.name ?? "", 80)
          } --type merge -p '{"spec":{"className":"${holder.className}"}}'`,
      );
    },
  },
  {
    id: "cfdt/unique",
    title: "one object declares the peer",
    after: ["cfdt/class"],
    judge: (direction) => {
      const { declarations, winner, holder, peer } = direction;
      const losers = declarations.filter((one) =>
        winner !== undefined && one !== winner && one.className === holder.className &&
        !isRefused(one)
      );
      const [loser] = losers;
      if (loser === undefined || winner === undefined) return pass();
      const said = `${losers.map(({ name }) => printable(name, 80)).join(", ")} ${
        losers.length === 1 ? "is" : "are"
      } ignored: ${printable(winner.name, 80)} is older`;
      const meant = losers.find((one) =>
        peer?.endpoint !== undefined && leadsTo(one.url, peer.endpoint.url)
      );
      const wrong = peer?.endpoint !== undefined && !leadsTo(winner.url, peer.endpoint.url);
      return meant !== undefined && wrong
        ? fail(
          `${said}, and leads elsewhere`,
          `oc --context ${holder.name} delete clusterfederatedtrustdomain ${
            printable(winner.name, 80)
          }`,
        )
        : warn(
          said,
          `oc --context ${holder.name} delete clusterfederatedtrustdomain ${
            printable(loser.name, 80)
          }`,
        );
    },
  },
  {
    id: "federation/reconciled",
    title: "the controller made it a relationship",
    after: ["cfdt/class", "holder:server/running", "holder:operator/rollout"],
    judge: (direction) => {
      const { dynamic, winner, holder, trustDomain } = direction;
      if (dynamic === "unknown") return skip("needs create pods/exec to ask the server");
      if (winner === undefined || (dynamic !== undefined && sameWay(winner, dynamic))) {
        return pass();
      }
      const log = holder.facts.logs[CONTROLLER_LOG];
      const line = log?.state === "read"
        ? log.text.split("\n").findLast((one) => one.includes("ERROR") && one.includes(winner.name))
        : undefined;
      return fail(
        dynamic === undefined
          ? `the server has no relationship with ${trustDomain}${
            line === undefined ? "" : `: ${printable(line.slice(-300))}`
          }`
          : `the server follows ${printable(dynamic.url, 200)}, declared is ${
            printable(winner.url, 200)
          }`,
        `oc --context ${holder.name} -n zero-trust-workload-identity-manager logs spire-server-0 -c spire-controller-manager`,
      );
    },
  },
  {
    id: "federation/drift",
    title: "static and dynamic configuration agree",
    after: ["cfdt/declared"],
    judge: (direction) => {
      const { static: configured, dynamic, winner } = direction;
      const other = dynamic === "unknown" ? winner : dynamic ?? winner;
      if (configured === undefined || other === undefined || sameWay(configured, other)) {
        return pass();
      }
      return fail(driftOf(direction), driftRemedy(direction));
    },
  },
  {
    id: "cfdt/endpoint",
    title: "the declaration leads to the peer's endpoint",
    after: ["federation/reconciled", "federation/drift", "cfdt/unique"],
    judge: (direction) => {
      const { followed, peer } = direction;
      const failure = failureOf(direction);
      if (followed === undefined) return pass();
      if (
        URL.canParse(followed.url) && new URL(followed.url).pathname !== "/" &&
        failure !== undefined
      ) {
        return fail(
          `${printable(followed.url, 200)} has a path: SPIRE serves its bundle at / only`,
          editCommand(direction),
        );
      }
      const differs = peer?.endpoint !== undefined && (
        !leadsTo(followed.url, peer.endpoint.url) || followed.profile !== peer.endpoint.profile ||
        (followed.endpointId ?? "") !== (peer.endpoint.spiffeId ?? "")
      );
      const works = direction.refreshed?.ok === true && direction.authenticates.state !== "no";
      if (failure === "wrong-id" || (differs && !works)) {
        return fail(
          `it follows ${printable(followed.url, 200)} as ${
            printable(followed.endpointId ?? followed.profile, 200)
          }; ${peer?.name ?? "the peer"} is at ${peer?.endpoint?.url ?? "another place"} as ${
            peer?.endpoint?.spiffeId ?? peer?.endpoint?.profile ?? "somebody else"
          }`,
          peer === undefined ? editCommand(direction) : `${peerCommand(direction)} --adopt`,
        );
      }
      return pass();
    },
  },
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
