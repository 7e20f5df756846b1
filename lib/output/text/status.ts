/**
 * How the state of a federation looks on a terminal: each cluster, the matrix of who trusts
 * whom, each direction with what is wrong first, and the next command.
 *
 * @module
 */
import { withoutCluster } from "../../errors.ts";
import { duration } from "../duration.ts";
import { printable } from "../printable.ts";
import type {
  AuthorityReport,
  OperandReport,
  StatusCluster,
  StatusDirection,
  StatusReportResult,
} from "../status_result.ts";
import { counted, hanging, NO_CLUSTER, paragraph } from "./paragraph.ts";

const MARKS = { trusted: "✓", broken: "✗", unproven: "?", missing: "✗" } as const;
const OPERAND_MARKS = {
  ready: "✓",
  progressing: "…",
  failed: "✗",
  missing: "-",
  unknown: "?",
} as const;

/** Beyond so many clusters only what is not well is told of each. */
const FULL_CLUSTERS = 4;
/** Beyond so many directions only those that are not well are told one by one. */
const FULL_DIRECTIONS = 12;
/** What a matrix of wider ones would not fit into 80 columns. */
const MATRIX_LIMIT = 20;

/** The whole report. */
export function renderStatus(report: StatusReportResult, columns: number): string {
  const { clusters, items, warnings, next } = report;
  return [
    ...clusters.map((cluster) => clusterBlock(cluster, clusters.length, columns)),
    clusters.length > 2 && clusters.length <= MATRIX_LIMIT && items.length > 0
      ? matrix(report)
      : "",
    directions(items, new Date(report.at), columns),
    ...warnings.map(({ subject, message, remedy }) =>
      paragraph(`! ${printable(subject, 120)}: ${printable(message)}`, "  ", columns, "    ") +
      paragraph(`next: ${printable(remedy)}`, "      ", columns)
    ),
    paragraph(summary(report), "", columns),
    next === null ? "" : `Next: ${printable(next)}\n`,
  ].join("");
}

function clusterBlock(cluster: StatusCluster, count: number, columns: number): string {
  const { name, problem, trustDomain, version, operands } = cluster;
  const shown = printable(name, 60);
  if (problem !== null) return hanging(`${shown}  ✗ `, said(problem), columns);
  const head = [
    shown,
    trustDomain ?? "trust domain unknown",
    version === null ? "" : `SPIRE ${printable(version, 30)}`,
  ].filter((part) => part !== "").join("  ");
  const brief = count > FULL_CLUSTERS;
  const told = brief
    ? operands.filter(({ state }) => state === "failed" || state === "progressing")
    : operands;
  const well = operands.filter(({ state }) => state === "ready").length;
  return [
    `${head}\n`,
    brief && told.length === 0 ? `  ✓ ${counted(well, "operand")} ready\n` : "",
    ...told.map((operand) => operandLine(operand, columns)),
    endpointLine(cluster, columns),
    authorityLines(cluster.authorities, brief),
  ].join("");
}

/** What went wrong with a cluster that is named already. */
function said(problem: string): string {
  return printable(withoutCluster(problem));
}

function operandLine({ name, state, detail }: OperandReport, columns: number): string {
  const said = { ready: "ready", progressing: "", failed: "", missing: "not there", unknown: "" }[
    state
  ];
  return hanging(
    `  ${OPERAND_MARKS[state]} ${name.padEnd(48)}  `,
    printable(detail ?? said),
    columns,
  );
}

function endpointLine({ endpoint }: StatusCluster, columns: number): string {
  if (endpoint === null) return "  - no bundle endpoint: nobody can follow this cluster's keys\n";
  const { url, state, detail, milliseconds } = endpoint;
  const mark = { verified: "✓", failed: "✗", "not asked": "?" }[state];
  const said = state === "verified" ? `verified in ${milliseconds} ms` : printable(detail ?? state);
  return hanging(`  ${mark} ${printable(url, 300)}  `, said, columns);
}

function authorityLines(authorities: readonly AuthorityReport[], brief: boolean): string {
  const told = brief ? authorities.filter(({ phase }) => phase === "current") : authorities;
  return told.map(({ phase, sha256, ski, expiresInSeconds }) => {
    const expiry = expiresInSeconds > 0 ? `expires in ${duration(expiresInSeconds)}` : "expired";
    const key = ski === null ? "" : `SKI ${ski.slice(0, 8)}  `;
    return `    CA ${phase.padEnd(8)}  SHA-256 ${sha256.slice(0, 16)}…  ${key}${expiry}\n`;
  }).join("");
}

/** Rows trust columns. */
function matrix({ clusters, items }: StatusReportResult): string {
  const names = clusters.map(({ name }) => printable(name, 20));
  const width = Math.max(...names.map(({ length }) => length));
  const marks = new Map(items.map(({ from, to, verdict }) => [`${from}\n${to}`, MARKS[verdict]]));
  const markOf = (holder: StatusCluster, peer: StatusCluster): string => {
    if (holder === peer) return "─";
    // Of a cluster that could not be read nobody knows whom it trusts, nor who trusts it.
    const nothing = holder.problem === null && peer.problem === null ? "·" : "?";
    return marks.get(`${holder.name}\n${peer.name}`) ?? nothing;
  };
  const rows = clusters.map((holder, row) =>
    [
      `  ${String(row + 1).padStart(2)} ${names[row]?.padEnd(width)} `,
      ...clusters.map((peer) => markOf(holder, peer).padStart(3)),
    ].join("")
  );
  const head = `  trusts →${" ".repeat(Math.max(1, width - 3))}${
    clusters.map((_, column) => String(column + 1).padStart(3)).join("")
  }`;
  return `${head}\n${rows.join("\n")}\n`;
}

function directions(items: readonly StatusDirection[], now: Date, columns: number): string {
  const told = items.length > FULL_DIRECTIONS
    ? items.filter(({ verdict }) => verdict !== "trusted")
    : items;
  const arrows = told.map(({ from, to }) => `${printable(from, 60)} → ${printable(to, 120)}`);
  const width = Math.min(40, Math.max(0, ...arrows.map(({ length }) => length)));
  const folded = items.length - told.length;
  return [
    ...told.map((item, at) => direction(item, (arrows[at] ?? "").padEnd(width), { now, columns })),
    folded === 0 ? "" : `  ✓ ${counted(folded, "direction")} trusted\n`,
  ].join("");
}

function direction(
  item: StatusDirection,
  arrow: string,
  { now, columns }: { readonly now: Date; readonly columns: number },
): string {
  const { verdict, reason, next, lockOut } = item;
  const head = `  ${MARKS[verdict]} ${arrow}  `;
  if (verdict === "trusted") {
    const forecast = lockOut === null ? "" : paragraph(
      `if ${printable(item.to, 120)}'s endpoint stays down, ${
        printable(item.from, 60)
      } stops trusting it in ${duration(lockOut.inSeconds)}`,
      "      ",
      columns,
    );
    return hanging(head, `trusted: ${refreshNote(item, now)}`, columns) + forecast;
  }
  const label = { broken: "broken", unproven: "not proven", missing: "missing" }[verdict];
  const why = reason === null ? label : `${label}: ${printable(reason)}`;
  return hanging(head, why, columns) + conditionsLine(item, columns) +
    (next === null ? "" : paragraph(`next: ${printable(next)}`, "      ", columns));
}

function refreshNote({ lastRefresh, nextRefresh }: StatusDirection, now: Date): string {
  if (lastRefresh === null) return "seen";
  const ago = (now.getTime() - new Date(lastRefresh).getTime()) / 1000;
  const until = nextRefresh === null ? 0 : (new Date(nextRefresh).getTime() - now.getTime()) / 1000;
  const after = until > 0 ? `, next in ${duration(until)}` : ", next now";
  return `refreshed ${duration(ago)} ago${after}`;
}

/** All conditions in a line or two: what holds, what does not, what nobody can tell. */
function conditionsLine({ conditions }: StatusDirection, columns: number): string {
  const marks = { True: "✓", False: "✗", Unknown: "?" } as const;
  const shown = conditions.map(({ type, status }) => `${marks[status]}${type}`).join(" ");
  return paragraph(shown, "      ", columns);
}

function summary({ clusters, items, warnings }: StatusReportResult): string {
  if (clusters.length === 0) return NO_CLUSTER;
  const unread = clusters.filter(({ problem }) => problem !== null).length;
  if (items.length === 0 && unread > 0) {
    return `${counted(clusters.length, "cluster")}, ${unread} of them not read: no trust was seen`;
  }
  if (items.length === 0) {
    return `${counted(clusters.length, "cluster")}, no trust between ${
      clusters.length === 1 ? "it and others" : "them"
    } yet`;
  }
  const count = (verdict: StatusDirection["verdict"]): number =>
    items.filter((item) => item.verdict === verdict).length;
  return [
    `${counted(items.length, "direction")}: ${count("trusted")} trusted`,
    ...count("broken") === 0 ? [] : [`${count("broken")} broken`],
    ...count("missing") === 0 ? [] : [`${count("missing")} missing`],
    ...count("unproven") === 0 ? [] : [`${count("unproven")} not proven`],
    ...unread === 0 ? [] : [`${counted(unread, "cluster")} not read`],
    ...warnings.length === 0 ? [] : [counted(warnings.length, "warning")],
  ].join(", ");
}
