/**
 * Whether one direction of trust is declared: the object, its class and its rivals, the
 * relationship that the controller made of it, and where that leads.
 *
 * @module
 */
import { type Check, fail, pass, skip, warn } from "../../check/check.ts";
import { printable } from "../../output/printable.ts";
import { CONTROLLER_LOG } from "../facts/collect_logs.ts";
import { isRefused } from "../facts/view.ts";
import { driftOf, driftRemedy, isDeclared } from "../status/conditions.ts";
import { type Direction, sameWay } from "../status/direction.ts";
import { fixCommand, peerCommand } from "../status/remedies.ts";
import { editCommand, failureOf, leadsTo, object } from "./direction_words.ts";

/** From the declaration to the relationship, in the order in which one builds on the other. */
export const DECLARATION_CHECKS: readonly Check<Direction>[] = [
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
];
