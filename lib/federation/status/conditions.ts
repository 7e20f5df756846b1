/**
 * The state of one direction of trust, computed: a ClusterFederatedTrustDomain has none.
 * Each condition is true, false or unknown, with the evidence, and with a remedy where it
 * is not true and somebody can do something about it. Pure.
 *
 * @module
 */
import { duration, moment } from "../../output/duration.ts";
import { printable } from "../../output/printable.ts";
import type { Condition, ConditionType } from "../../output/status_result.ts";
import { at } from "../facts/observation.ts";
import { presentSince } from "../refresh_log.ts";
import { inShort, meaningOf } from "../spire_words.ts";
import { type Direction, lacking, sameWay } from "./direction.ts";
import { fixCommand, peerCommand, refreshCommand } from "./remedies.ts";

/** All conditions of a direction, in the order in which one builds on the other. */
export function conditionsOf(direction: Direction, reverse: Direction | undefined): Condition[] {
  return [
    declared(direction),
    reconciled(direction),
    managed(direction),
    bootstrapped(direction),
    fresh(direction),
    symmetric(direction, reverse),
    usedByWorkloads(direction),
  ];
}

/** Those without which there is no trust. */
export const ESSENTIAL: readonly ConditionType[] = [
  "Declared",
  "Reconciled",
  "Managed",
  "Bootstrapped",
  "Fresh",
];

function isTrue(type: ConditionType, evidence: string): Condition {
  return { type, status: "True", evidence, remedy: null };
}

function isFalse(type: ConditionType, evidence: string, remedy: string | null): Condition {
  return { type, status: "False", evidence, remedy };
}

function isUnknown(type: ConditionType, evidence: string, remedy: string | null): Condition {
  return { type, status: "Unknown", evidence, remedy };
}

/** Whether anything at all declares it. */
export function isDeclared(
  { declarations, static: configured, holder, trustDomain }: Direction,
): boolean {
  return declarations.length > 0 || configured !== undefined ||
    holder.wantedStatic.has(trustDomain);
}

function declared(direction: Direction): Condition {
  const { winner, declarations, holder, trustDomain } = direction;
  const parts = [
    ...winner === undefined ? [] : [`ClusterFederatedTrustDomain/${printable(winner.name, 80)}`],
    ...direction.static !== undefined || holder.wantedStatic.has(trustDomain)
      ? ["SpireServer federatesWith"]
      : [],
  ];
  if (parts.length > 0) return isTrue("Declared", parts.join(" and "));
  if (holder.facts.declared.state === "unread") {
    return isUnknown("Declared", holder.facts.declared.why, null);
  }
  const [other] = declarations;
  if (other === undefined) {
    return isFalse("Declared", `${holder.name} declares nothing for it`, peerCommand(direction));
  }
  return isFalse(
    "Declared",
    `ClusterFederatedTrustDomain/${printable(other.name, 80)} ${whyIgnored(direction)}`,
    fixCommand(direction),
  );
}

function whyIgnored({ declarations: [other], holder }: Direction): string {
  const error = other?.problems.find(({ severity, code }) =>
    severity === "error" && code !== "cfdt/class-missing"
  );
  if (error !== undefined) return `is not valid: ${error.message}`;
  return other?.className === undefined
    ? "has no className, so the controller ignores it"
    : `is of class ${printable(other.className, 60)}, and the controller minds ${holder.className}`;
}

function reconciled(direction: Direction): Condition {
  const { winner, dynamic, refreshed, holder, trustDomain } = direction;
  if (winner === undefined) {
    if (direction.static !== undefined) return isTrue("Reconciled", "it stands in server.conf");
    return holder.wantedStatic.has(trustDomain)
      ? isFalse(
        "Reconciled",
        "federatesWith has not reached server.conf",
        operatorCommand(direction),
      )
      : isFalse("Reconciled", "nothing is there to reconcile", null);
  }
  if (dynamic === "unknown") {
    return refreshed === undefined
      ? isUnknown("Reconciled", "the server may not be asked, and its log says nothing", null)
      : isTrue("Reconciled", "the server's log shows it at work");
  }
  if (dynamic === undefined) {
    return isFalse(
      "Reconciled",
      "the controller has not made it a relationship",
      `oc --context ${holder.name} -n zero-trust-workload-identity-manager logs spire-server-0 -c spire-controller-manager`,
    );
  }
  return sameWay(winner, dynamic) ? isTrue("Reconciled", "the server has it as declared") : isFalse(
    "Reconciled",
    `the server still follows ${printable(dynamic.url, 200)}`,
    `oc --context ${holder.name} -n zero-trust-workload-identity-manager logs spire-server-0 -c spire-controller-manager`,
  );
}

function operatorCommand({ holder }: Direction): string {
  return `oc spirefed troubleshoot ${holder.name} --area operator`;
}

function managed(direction: Direction): Condition {
  const { dynamic, static: configured, winner, refreshed } = direction;
  const other = dynamic === "unknown" ? winner : dynamic;
  if (configured !== undefined && other !== undefined) {
    return sameWay(configured, other)
      ? isTrue("Managed", "static and dynamic, alike")
      : isFalse("Managed", driftOf(direction), driftRemedy(direction));
  }
  if (configured !== undefined) return isTrue("Managed", "static, by server.conf");
  if (dynamic === "unknown") {
    return refreshed === undefined || winner === undefined
      ? isUnknown("Managed", "the server may not be asked", null)
      : isTrue("Managed", "dynamic, by its log");
  }
  return dynamic === undefined
    ? isFalse("Managed", "the server does not poll it", null)
    : isTrue("Managed", "dynamic");
}

/** What the two sources of a relationship say otherwise of it. */
export function driftOf({ static: configured, dynamic, winner }: Direction): string {
  const other = dynamic === "unknown" ? winner : dynamic;
  return `the server polls ${printable(configured?.url ?? "", 200)} (server.conf); ${
    printable(other?.url ?? "", 200)
  } (ClusterFederatedTrustDomain) is not used`;
}

/** How to make them agree. */
export function driftRemedy(direction: Direction): string {
  return `${peerCommand(direction)} --static`;
}

function bootstrapped(direction: Direction): Condition {
  const { holder, trustDomain, stored, refreshed } = direction;
  if (stored.state === "unknown") {
    return refreshed?.ok
      ? isTrue("Bootstrapped", "a refresh succeeded under it")
      : isUnknown("Bootstrapped", "needs create pods/exec to see what is stored", null);
  }
  const remedy = fixCommand(direction);
  if (stored.state === "absent") {
    return isFalse("Bootstrapped", `${holder.name} stores no bundle of ${trustDomain}`, remedy);
  }
  const { x509Authorities } = stored.bundle;
  const valid = x509Authorities.filter(({ notAfter }) => notAfter > holder.now).length;
  if (valid > 0) {
    return isTrue("Bootstrapped", valid === 1 ? "1 root stored" : `${valid} roots stored`);
  }
  return isFalse(
    "Bootstrapped",
    x509Authorities.length === 0
      ? "the stored bundle holds no authority"
      : "every stored authority has expired",
    remedy,
  );
}

/** A poll may be late by this before it is missed. */
const POLL_GRACE_SECONDS = 30;

function fresh(direction: Direction): Condition {
  const { stored, authenticates, refreshed, holder } = direction;
  if (stored.state === "absent") {
    return isFalse("Fresh", "there is nothing to keep fresh", fixCommand(direction));
  }
  if (authenticates.state === "no" && !(refreshed?.ok && refreshed.forced)) {
    return isFalse(
      "Fresh",
      `the endpoint is not authenticated by what is stored: ${authenticates.reason}`,
      fixCommand(direction),
    );
  }
  if (refreshed === undefined) {
    return isUnknown("Fresh", notSeen(direction), refreshCommand(direction));
  }
  if (isPerhapsOver(direction)) {
    return isUnknown("Fresh", saidOfLastPoll(direction), refreshCommand(direction));
  }
  if (!refreshed.ok) {
    const reason = inShort(refreshed.reason ?? "no reason given");
    return isFalse(
      "Fresh",
      `refresh fails: ${reason}`,
      `oc spirefed troubleshoot ${holder.name} --area federation`,
    );
  }
  const age = (holder.now.getTime() - refreshed.at.getTime()) / 1000;
  const missing = lackingNow(direction);
  if (!isRecent(direction, age)) {
    return isFalse(
      "Fresh",
      `the last refresh was ${moment(age)} ago, one every ${
        duration(direction.intervalSeconds)
      } is due`,
      refreshCommand(direction),
    );
  }
  if (missing > 0 && refreshed.forced) {
    return isFalse(
      "Fresh",
      "what is stored is not what the endpoint serves",
      refreshCommand(direction),
    );
  }
  const note = missing > 0 ? "; a new root comes with the next" : "";
  return isTrue("Fresh", `refreshed ${moment(age)} ago${note}`);
}

/**
 * A poll that failed because the endpoint was away says nothing of now, when it answers
 * again: a refresh by hand leaves no line in the log, and the next poll is to come.
 */
export function isPerhapsOver({ refreshed, peer, authenticates }: Direction): boolean {
  if (refreshed === undefined || refreshed.ok || refreshed.forced) return false;
  return ["refused", "reset", "status"].includes(meaningOf(refreshed.reason ?? "")) &&
    peer?.served?.bundle !== undefined && authenticates.state !== "no";
}

/** What the log said last, and why that is not the last word. */
export function saidOfLastPoll({ refreshed, holder }: Direction): string {
  const age = (holder.now.getTime() - (refreshed?.at.getTime() ?? 0)) / 1000;
  return `its last poll failed ${moment(age)} ago (${
    inShort(refreshed?.reason ?? "", 160)
  }); the endpoint answers again`;
}

/** A refresh under the certificate that the endpoint shows now is as good as one just made. */
function isRecent({ intervalSeconds, peer, refreshed }: Direction, age: number): boolean {
  if (age <= 2 * intervalSeconds + POLL_GRACE_SECONDS) return true;
  const since = peer?.served && presentSince({ chain: peer.served.chain });
  return since !== undefined && refreshed !== undefined && refreshed.at > since &&
    age <= 10 * intervalSeconds;
}

function lackingNow({ stored, peer }: Direction): number {
  const served = peer?.served?.bundle;
  return stored.state === "present" && served !== undefined
    ? lacking(stored.bundle, served).length
    : 0;
}

function notSeen({ holder, peer, stored }: Direction): string {
  const { exec, logs } = holder.facts.allowed;
  if (!exec && !logs) return "not proven: needs get pods/log, or create pods/exec";
  const served = peer?.served?.bundle;
  if (
    stored.state === "present" && served !== undefined &&
    lacking(stored.bundle, served).length === 0
  ) {
    return "what is stored is what the endpoint serves; no refresh was seen";
  }
  return "no refresh was seen";
}

function symmetric({ peer, holder }: Direction, reverse: Direction | undefined): Condition {
  if (peer === undefined) {
    return isUnknown("Symmetric", "no context for the other side was looked at", null);
  }
  if (peer.facts.failure !== undefined) {
    return isUnknown("Symmetric", `${peer.name} could not be looked at`, null);
  }
  return reverse !== undefined && isDeclared(reverse)
    ? isTrue("Symmetric", `${peer.name} declares ${holder.name} too`)
    : isFalse(
      "Symmetric",
      `${peer.name} does not declare ${holder.name}`,
      `oc spirefed peer ${holder.name} ${peer.name}`,
    );
}

function usedByWorkloads({ holder, trustDomain }: Direction): Condition {
  const section = holder.facts.objects["spiffeIds"];
  if (section?.state !== "read") {
    return isUnknown("UsedByWorkloads", section?.why ?? "not looked at", null);
  }
  const using = section.items.filter(({ kept }) => {
    const peers = at(kept, "spec", "federatesWith");
    return Array.isArray(peers) && peers.includes(trustDomain) &&
      at(kept, "spec", "className") === holder.className;
  });
  if (using.length === 0) {
    return isFalse(
      "UsedByWorkloads",
      "no ClusterSPIFFEID federates with it",
      `oc spirefed spiffeid gen --context ${holder.name} --federates-with ${trustDomain} --name APP --pod-label app=APP`,
    );
  }
  const counts = (member: string): number =>
    using.reduce((sum, { kept }) => sum + Number(at(kept, "status", "stats", member) ?? 0), 0);
  const names = using.slice(0, 3).map(({ name }) => printable(name, 60)).join(", ");
  if (counts("entryFailures") > 0) {
    return isFalse(
      "UsedByWorkloads",
      `${counts("entryFailures")} entries of ${names} are refused`,
      `oc spirefed troubleshoot ${holder.name} --area workload`,
    );
  }
  const pods = counts("podsSelected");
  return pods === 0
    ? isFalse("UsedByWorkloads", `${names}: no pod is selected`, null)
    : isTrue("UsedByWorkloads", `${pods === 1 ? "1 pod" : `${pods} pods`} by ${names}`);
}
