/**
 * What a SPIRE server's log says of refreshing a peer's bundle: the proof for those
 * who may read logs and may not exec.
 *
 * The lines are logrus's, as text (`time=… level=info msg="Bundle refreshed"
 * trust_domain=td`) or JSON. Values with spaces or quotes are quoted and escaped by
 * it, so that nothing a peer sends can make up a member of its own.
 *
 * @module
 */
import type { TrustDomain } from "../spiffe/model.ts";
import { certificateFacts } from "../spiffe/mod.ts";
import type { Vouched } from "./side.ts";

/** The latest refresh that a log tells of. */
export interface LoggedRefresh {
  /** Whether the bundle was refreshed; false when that failed. */
  readonly ok: boolean;
  /** The time in front of the line, by the node's clock. */
  readonly at: Date;
  /** What the server said of a failure; hostile text. */
  readonly reason: string | undefined;
}

/** SPIRE dates its certificates back by this much, for clocks that are behind. */
const BACKDATE_MS = 10_000;

/**
 * Since when an endpoint can have shown the certificate that it showed us. A refresh
 * that succeeded after that succeeded under this certificate, so the server stores an
 * authority behind it; an earlier one says nothing of today.
 *
 * @returns `undefined` where the endpoint was not spoken to.
 */
export function presentSince({ chain: [leaf] }: Pick<Vouched, "chain">): Date | undefined {
  const notBefore = leaf && certificateFacts(leaf)?.notBefore;
  return notBefore && new Date(notBefore.getTime() + BACKDATE_MS);
}

/** Finds the latest refresh of a trust domain in a log whose lines begin with their time. */
export function findRefresh(log: string, trustDomain: TrustDomain): LoggedRefresh | undefined {
  const lines = log.split("\n");
  for (let at = lines.length - 1; at >= 0; at--) {
    const found = readLine(lines[at] ?? "", trustDomain);
    if (found !== undefined) return found;
  }
  return undefined;
}

function readLine(line: string, trustDomain: TrustDomain): LoggedRefresh | undefined {
  const space = line.indexOf(" ");
  const at = new Date(line.slice(0, space));
  if (space < 0 || Number.isNaN(at.getTime())) return undefined;
  const members = membersOf(line.slice(space + 1));
  if (members.get("trust_domain") !== trustDomain) return undefined;
  const message = members.get("msg");
  if (message === "Bundle refreshed") return { ok: true, at, reason: undefined };
  if (message === "Error updating bundle") return { ok: false, at, reason: members.get("error") };
  return undefined;
}

const MEMBER_REGEXP = /([A-Za-z_][\w.]*)=("(?:[^"\\]|\\.)*"|[^\s"]*)(?:\s|$)/gy;

function membersOf(entry: string): ReadonlyMap<string, string> {
  if (entry.startsWith("{")) return jsonMembers(entry);
  const members = new Map<string, string>();
  for (const [, name = "", value = ""] of entry.matchAll(MEMBER_REGEXP)) {
    members.set(name, value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, "$1") : value);
  }
  return members;
}

function jsonMembers(entry: string): ReadonlyMap<string, string> {
  try {
    const object: unknown = JSON.parse(entry);
    if (typeof object !== "object" || object === null) return new Map();
    return new Map(
      Object.entries(object).filter((member): member is [string, string] =>
        typeof member[1] === "string"
      ),
    );
  } catch {
    return new Map();
  }
}
