/**
 * What the checks of a direction share: the words of the holder's server, and what they mean.
 *
 * @module
 */
import { type Check, fail, pass } from "../../check/check.ts";
import { printable } from "../../output/printable.ts";
import { canonicalUrl } from "../declared.ts";
import { SERVER_LOG } from "../facts/collect_logs.ts";
import { readFact } from "../facts/view.ts";
import { inShort, meaningOf, type RefreshFailure } from "../spire_words.ts";
import { type Direction, lacking } from "../status/direction.ts";

/** What the holder's own server says is wrong, if it says anything. */
export function failureOf({ refreshed }: Direction): RefreshFailure | undefined {
  return refreshed?.ok === false ? meaningOf(refreshed.reason ?? "") : undefined;
}

/** SPIRE's words for it. */
export function words({ refreshed }: Direction): string {
  return inShort(refreshed?.reason ?? "no reason given");
}

/** A check that fails when the holder's server says so in so many words. */
export function bySaying(
  id: string,
  title: string,
  { means, after, remedy }: {
    readonly means: readonly RefreshFailure[];
    readonly after: readonly string[];
    readonly remedy: (direction: Direction) => string;
  },
): Check<Direction> {
  return {
    id,
    title,
    after,
    judge: (direction) => {
      const failure = failureOf(direction);
      if (failure === undefined || !means.includes(failure)) return pass();
      const followed = direction.followed?.url ?? "its endpoint";
      return fail(`${printable(followed, 200)}: ${words(direction)}`, remedy(direction));
    },
  };
}

/** The host that the holder's server goes to. */
export function hostOf({ followed }: Direction): string {
  const url = followed?.url ?? "";
  return URL.canParse(url) ? new URL(url).hostname : printable(url, 100);
}

/** The declaration, as a person names it. */
export function object({ winner, declarations: [first] }: Direction): string {
  return `ClusterFederatedTrustDomain/${printable((winner ?? first)?.name ?? "", 80)}`;
}

/** Opens the declaration in an editor. */
export function editCommand({ holder, winner, declarations: [first] }: Direction): string {
  return `oc --context ${holder.name} edit clusterfederatedtrustdomain ${
    printable((winner ?? first)?.name ?? "", 80)
  }`;
}

/** Whether two URLs are one place. */
export function leadsTo(url: string, endpoint: string): boolean {
  return canonicalUrl(url) === canonicalUrl(endpoint);
}

/** Whether what is stored does not authenticate the peer's endpoint. */
export function isUntrusted(direction: Direction): boolean {
  const { authenticates, stored, peer } = direction;
  if (authenticates.state === "no" && stored.state === "present") return true;
  if (authenticates.state === "yes") return false;
  // Nobody here can judge: the server's own word counts.
  return failureOf(direction) === "untrusted" && peer?.served === undefined;
}

/** A configuration that changed after the last refresh that succeeded. */
export function wasEdited({ holder, trustDomain, stored, winner }: Direction): boolean {
  const log = holder.facts.logs[SERVER_LOG];
  const embedded = winner?.bundle && readFact(winner.bundle, trustDomain, holder.now);
  if (log?.state !== "read" || stored.state !== "present" || embedded === undefined) return false;
  if (lacking(stored.bundle, embedded).length + lacking(embedded, stored.bundle).length > 0) {
    return false;
  }
  const lines = log.text.split("\n").filter((line) => line.includes(trustDomain));
  const edited = lines.findLastIndex((line) =>
    line.includes("Updated configuration for managed trust domain")
  );
  const refreshed = lines.findLastIndex((line) => line.includes("Bundle refreshed"));
  return edited > refreshed;
}
