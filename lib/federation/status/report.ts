/**
 * The state of a federation from what was seen of all its sides. Pure: a snapshot in, a
 * report out, whether the snapshot was taken just now or comes from an archive.
 *
 * @module
 */
import { withoutCluster } from "../../errors.ts";
import { duration } from "../../output/duration.ts";
import { printable } from "../../output/printable.ts";
import type {
  AuthorityReport,
  Condition,
  StatusCluster,
  StatusDirection,
  StatusReportResult,
  StatusWarning,
} from "../../output/status_result.ts";
import type { Snapshot } from "../facts/facts.ts";
import { type ClusterView, readFact, viewOf } from "../facts/view.ts";
import { phasesOf } from "./authorities.ts";
import { conditionsOf, ESSENTIAL, isDeclared } from "./conditions.ts";
import { type Direction, directionsAmong } from "./direction.ts";
import { lifeLeft, lockOutOf, newestOf } from "./lock_out.ts";
import { operandsOf } from "./operands.ts";
import { fixCommand, peerCommand } from "./remedies.ts";

/** What is judged beside the facts. */
export interface ReportOptions {
  /** Warn when less than this is left of a life or of a lock-out: a share, or seconds. */
  readonly expiresWithin: ExpiresWithin;
  /** Contexts that nobody named: what cannot be reached of them only warns. */
  readonly unnamed: boolean;
}

/** A threshold: `20%` of a life, or a time. */
export type ExpiresWithin =
  | { readonly share: number; readonly seconds?: undefined }
  | { readonly seconds: number; readonly share?: undefined };

/** Makes the report; timings are the caller's. */
export function reportOn(snapshot: Snapshot, options: ReportOptions): StatusReportResult {
  const views = snapshot.clusters.map(viewOf);
  const directions = directionsAmong(views);
  const byTitle = new Map(directions.map((direction) => [titleOf(direction), direction]));
  const items = directions.map((direction) => itemOf(direction, reverseOf(direction, byTitle)));
  const clusters = views.map(clusterOf);
  const warnings = [
    ...views.flatMap((view) => clusterWarnings(view, options)),
    ...directions.flatMap((direction, index) =>
      directionWarnings(direction, items[index], options)
    ),
  ];
  const failed = views.filter(({ facts }) => facts.failure !== undefined && !options.unnamed);
  const broken = clusters.flatMap(({ operands }) =>
    operands.filter(({ state }) => state === "failed")
  );
  const open = items.filter(({ verdict }) => verdict !== "trusted");
  return {
    kind: "StatusReport",
    at: snapshot.takenAt,
    ok: failed.length + broken.length + open.length === 0,
    clusters,
    items,
    warnings,
    next: nextOf(views, items, clusters),
    timings: {},
  };
}

function reverseOf(
  { holder, peer }: Direction,
  byTitle: ReadonlyMap<string, Direction>,
): Direction | undefined {
  return peer && byTitle.get(`${peer.name} → ${holder.name}`);
}

/** What a direction is called. */
export function titleOf({ holder, peer, trustDomain }: Direction): string {
  return `${holder.name} → ${peer?.name ?? trustDomain}`;
}

function itemOf(direction: Direction, reverse: Direction | undefined): StatusDirection {
  const { holder, peer, trustDomain, refreshed, stored, intervalSeconds } = direction;
  const conditions = conditionsOf(direction, reverse);
  const essential = conditions.filter(({ type }) => ESSENTIAL.includes(type));
  const first = essential.find(({ status }) => status === "False") ??
    essential.find(({ status }) => status === "Unknown");
  const verdict = verdictOf(direction, first);
  const lockOut = stored.state === "present" ? lockOutOf(stored.bundle, holder.now) : undefined;
  const last = refreshed?.ok === true ? refreshed.at : undefined;
  return {
    from: holder.name,
    to: peer?.name ?? trustDomain,
    trustDomain,
    verdict,
    reason: verdict === "missing" ? "not declared: trust is one-way" : first?.evidence ?? null,
    next: first === undefined ? null : first.remedy ?? fixCommand(direction),
    conditions,
    lastRefresh: last?.toISOString() ?? null,
    nextRefresh: last === undefined
      ? null
      : new Date(last.getTime() + intervalSeconds * 1000).toISOString(),
    lockOut: lockOut === undefined ? null : {
      at: lockOut.at.toISOString(),
      inSeconds: Math.round((lockOut.at.getTime() - holder.now.getTime()) / 1000),
      remaining: Number(lockOut.remaining.toFixed(3)),
    },
    stored: stored.state === "present"
      ? stored.bundle.x509Authorities.map(({ sha256 }) => sha256)
      : stored.state === "absent"
      ? []
      : null,
  };
}

function verdictOf(
  direction: Direction,
  first: Condition | undefined,
): StatusDirection["verdict"] {
  if (first === undefined) return "trusted";
  if (!isDeclared(direction) && first.status === "False") return "missing";
  return first.status === "False" ? "broken" : "unproven";
}

function clusterOf(view: ClusterView): StatusCluster {
  const { facts, trustDomain, endpoint } = view;
  return {
    name: facts.name,
    server: facts.server,
    problem: facts.failure === undefined ? null : facts.failure.message,
    trustDomain: trustDomain ?? null,
    version: facts.spire.version ?? null,
    operands: facts.failure === undefined ? operandsOf(view) : [],
    authorities: phasesOf(view).map(({ authority, phase }): AuthorityReport => ({
      sha256: authority.sha256,
      ski: authority.ski,
      subject: authority.subject,
      notBefore: authority.notBefore.toISOString(),
      notAfter: authority.notAfter.toISOString(),
      phase,
      expiresInSeconds: Math.round((authority.notAfter.getTime() - view.now.getTime()) / 1000),
    })),
    endpoint: endpoint === undefined ? null : {
      url: endpoint.url,
      ...endpointState(view),
    },
    allowed: facts.allowed,
  };
}

function endpointState(
  { facts: { endpoint }, served }: ClusterView,
): Omit<NonNullable<StatusCluster["endpoint"]>, "url"> {
  if (endpoint === undefined) {
    const detail = "its roots may not be read, so nothing can vouch for it";
    return { state: "not asked", detail, milliseconds: null };
  }
  if (endpoint.state === "failed") {
    return { state: "failed", detail: endpoint.why, milliseconds: null };
  }
  if (served?.bundle === undefined) {
    const said = endpoint.bundle.problems.find(({ severity }) => severity === "error");
    const detail = `it serves no usable bundle: ${said?.message ?? "refused"}`;
    return { state: "failed", detail, milliseconds: endpoint.milliseconds };
  }
  return { state: "verified", detail: null, milliseconds: endpoint.milliseconds };
}

const CLOCK_LIMIT_SECONDS = 60;

function clusterWarnings(view: ClusterView, options: ReportOptions): readonly StatusWarning[] {
  const { facts, name } = view;
  const warnings: StatusWarning[] = [];
  const warn = (code: string, message: string, remedy: string): void => {
    warnings.push({ subject: name, code, message, remedy });
  };
  if (facts.failure !== undefined && options.unnamed) {
    const { message, remedy } = facts.failure;
    warn(
      "context/unreachable",
      `whether it runs SPIRE is unknown: ${withoutCluster(message)}`,
      remedy ?? `oc --context ${name} get --raw /version`,
    );
  }
  const ahead = facts.clockAheadSeconds ?? 0;
  if (Math.abs(ahead) > CLOCK_LIMIT_SECONDS) {
    warn(
      "clock/skew",
      `its clock is ${duration(Math.abs(ahead))} ${ahead > 0 ? "ahead" : "behind"}`,
      "set the clocks by NTP: fresh certificates are valid only from 10 s before their making",
    );
  }
  for (const { name: operand, state, detail } of operandsOf(view)) {
    if (state !== "progressing") continue;
    warn(
      "operand/progressing",
      `${operand}: ${detail ?? "progressing"}`,
      `oc spirefed status ${name} --wait`,
    );
  }
  const published = view.served?.bundle ?? view.roots;
  const newest = published && newestOf(published);
  if (newest !== undefined) {
    const left = (newest.notAfter.getTime() - view.now.getTime()) / 1000;
    if (isWithin(options.expiresWithin, { left, share: lifeLeft(newest, view.now) })) {
      warn(
        "authority/expiring",
        `its newest authority expires in ${duration(left)}, and none is prepared`,
        `oc --context ${name} -n zero-trust-workload-identity-manager logs spire-server-0 -c spire-server`,
      );
    }
  }
  return warnings;
}

function isWithin(
  limit: ExpiresWithin,
  { left, share }: { readonly left: number; readonly share: number },
): boolean {
  return limit.share === undefined ? left <= limit.seconds : share <= limit.share;
}

function directionWarnings(
  direction: Direction,
  item: StatusDirection | undefined,
  { expiresWithin }: ReportOptions,
): readonly StatusWarning[] {
  const { winner, holder, trustDomain, declarations } = direction;
  const warnings: StatusWarning[] = [];
  const warn = (code: string, message: string, remedy: string): void => {
    warnings.push({ subject: titleOf(direction), code, message, remedy });
  };
  if (item?.lockOut && item.verdict === "trusted") {
    const { inSeconds, remaining } = item.lockOut;
    if (isWithin(expiresWithin, { left: inSeconds, share: remaining })) {
      warn(
        "bundle/expiring",
        `what is stored lets it follow ${trustDomain} for ${duration(inSeconds)} more`,
        `oc spirefed status ${holder.name} --refresh`,
      );
    }
  }
  const embedded = winner?.bundle && readFact(winner.bundle, trustDomain, holder.now);
  if (winner?.bundle !== undefined && isStale(direction, embedded)) {
    warn(
      "bundle/embedded-stale",
      `the text in ClusterFederatedTrustDomain/${
        printable(winner.name, 80)
      } would not bootstrap it again`,
      `${peerCommand(direction)} --refresh-embedded`,
    );
  }
  const others = declarations.filter((one) =>
    one !== winner && one.className === holder.className && winner !== undefined
  );
  for (const { name } of others) {
    warn(
      "cfdt/duplicate",
      `ClusterFederatedTrustDomain/${printable(name, 80)} is ignored: ${
        printable(winner?.name ?? "", 80)
      } is older`,
      `oc --context ${holder.name} delete clusterfederatedtrustdomain ${name}`,
    );
  }
  return warnings;
}

/** Whether the text shares no authority with what the peer serves now, or none of it is valid. */
export function isStale(
  { peer, holder, stored }: Direction,
  embedded: ReturnType<typeof readFact>,
): boolean {
  if (embedded === undefined) return true;
  const now = holder.now.getTime();
  const valid = embedded.x509Authorities.filter(({ notAfter }) => notAfter.getTime() > now);
  const known = peer?.served?.bundle ?? (stored.state === "present" ? stored.bundle : undefined);
  if (valid.length === 0) return true;
  if (known === undefined) return false;
  const served = new Set(known.x509Authorities.map(({ sha256 }) => sha256));
  return !valid.some(({ sha256 }) => served.has(sha256));
}

function nextOf(
  views: readonly ClusterView[],
  items: readonly StatusDirection[],
  clusters: readonly StatusCluster[],
): string | null {
  const unreached = views.find(({ facts }) => facts.failure?.remedy !== undefined);
  const open = items.find(({ verdict, next }) => verdict !== "trusted" && next !== null);
  const broken = clusters.find(({ operands }) => operands.some(({ state }) => state === "failed"));
  if (broken !== undefined) return `oc spirefed troubleshoot ${broken.name}`;
  if (open !== undefined) return open.next;
  if (unreached !== undefined) return unreached.facts.failure?.remedy ?? null;
  if (items.length > 0) return null;
  const ready = views.filter(({ trustDomain }) => trustDomain !== undefined);
  return ready.length < 2 ? null : `oc spirefed peer ${ready.map(({ name }) => name).join(" ")}`;
}
