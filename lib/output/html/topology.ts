/**
 * Who trusts whom, drawn: clusters on a circle, an arrow a direction, and on each arrow the
 * clock of its rotation. An arrow that has no counterpart is dashed and says so.
 *
 * @module
 */
import { duration } from "../duration.ts";
import type { StatusDirection, StatusReportResult } from "../status_result.ts";
import { html } from "./escape.ts";

interface Point {
  readonly x: number;
  readonly y: number;
}

const NODE_RADIUS = 34;
const CLOCK_RADIUS = 11;

/** The drawing, inline SVG; coloured by the page's style sheet. */
export function topology(report: StatusReportResult): string {
  const names = [
    ...report.clusters.map(({ name }) => name),
    ...new Set(
      report.items.map(({ to }) => to).filter((to) =>
        report.clusters.every(({ name }) => name !== to)
      ),
    ),
  ];
  const radius = Math.max(150, names.length * 26);
  const size = 2 * (radius + 110);
  // Two stand side by side and need no height.
  const height = names.length <= 2 ? 240 : size;
  const places = new Map(names.map((name, index) => [name, placeOf(index, names.length, radius)]));
  const crowded = report.items.length > 60;
  return [
    `<svg viewBox="${-size / 2} ${-height / 2} ${size} ${height}" role="img" aria-label="${
      html(labelOf(report))
    }">`,
    `<defs>${
      ["trusted", "broken", "unproven", "missing"].map((verdict) =>
        `<marker id="tip-${verdict}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path class="tip ${verdict}" d="M0 0 8 4 0 8z"/></marker>`
      ).join("")
    }</defs>`,
    ...report.items.map((item) => arrow(item, places, { crowded, report })),
    ...names.map((name) => node(name, places.get(name) ?? { x: 0, y: 0 }, report)),
    "</svg>",
  ].join("\n");
}

function labelOf({ items }: StatusReportResult): string {
  return items.map(({ from, to, verdict }) => `${from} to ${to}: ${verdict}`).slice(0, 50).join(
    "; ",
  );
}

function placeOf(index: number, count: number, radius: number): Point {
  // Two stand side by side, more on a circle that begins at the top.
  const angle = count === 2 ? Math.PI * (1 + index) : -Math.PI / 2 + 2 * Math.PI * index / count;
  return {
    x: count === 1 ? 0 : radius * Math.cos(angle),
    y: count === 1 ? 0 : radius * Math.sin(angle),
  };
}

function node(name: string, { x, y }: Point, report: StatusReportResult): string {
  const cluster = report.clusters.find((one) => one.name === name);
  const state = cluster === undefined
    ? "outside"
    : cluster.problem !== null || cluster.operands.some((operand) => operand.state === "failed")
    ? "broken"
    : "well";
  const below = cluster === undefined ? "no context" : cluster.trustDomain ?? "";
  const label = name.length > 12 ? `${name.slice(0, 11)}…` : name;
  return `<g class="node ${state}"><title>${html(`${name} ${below}`)}</title><circle cx="${
    round(x)
  }" cy="${round(y)}" r="${NODE_RADIUS}"/><text x="${round(x)}" y="${round(y + 5)}">${
    html(label)
  }</text><text class="small" x="${round(x)}" y="${round(y + NODE_RADIUS + 16)}">${
    html(below, 40)
  }</text></g>`;
}

function arrow(
  item: StatusDirection,
  places: ReadonlyMap<string, Point>,
  { crowded, report }: { readonly crowded: boolean; readonly report: StatusReportResult },
): string {
  const [a, b] = [places.get(item.from), places.get(item.to)];
  if (a === undefined || b === undefined) return "";
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = Math.hypot(dx, dy) || 1;
  const [ux, uy] = [dx / length, dy / length];
  const bend = Math.min(60, length * 0.16);
  // Each direction bends to its own side, so that both can be seen.
  const middle = { x: (a.x + b.x) / 2 - uy * bend * 2, y: (a.y + b.y) / 2 + ux * bend * 2 };
  const from = towards(a, middle, NODE_RADIUS + 2);
  const to = towards(b, middle, NODE_RADIUS + 5);
  const clock = { x: (from.x + 2 * middle.x + to.x) / 4, y: (from.y + 2 * middle.y + to.y) / 4 };
  const lonely = isOneWay(item, report);
  const note = lonely ? ["one-way"] : [];
  return [
    `<g class="direction ${item.verdict}${lonely ? " one-way" : ""}">`,
    `<title>${
      html(
        `${item.from} → ${item.to}: ${item.verdict}${
          item.reason === null ? "" : `: ${item.reason}`
        }`,
      )
    }</title>`,
    `<path d="M${round(from.x)} ${round(from.y)} Q${round(middle.x)} ${round(middle.y)} ${
      round(to.x)
    } ${round(to.y)}" marker-end="url(#tip-${item.verdict})"/>`,
    crowded ? "" : clockFace(item, clock),
    ...crowded
      ? []
      : note.map((text) =>
        `<text class="note" x="${round(clock.x)}" y="${
          round(clock.y - CLOCK_RADIUS - 6)
        }">${text}</text>`
      ),
    "</g>",
  ].join("");
}

/** A direction without a trusted counterpart is a trap: somebody believes it mutual. */
function isOneWay(item: StatusDirection, { items }: StatusReportResult): boolean {
  const back = items.find(({ from, to }) => from === item.to && to === item.from);
  return item.verdict !== "missing" && back?.verdict === "missing";
}

/** How much of the time until the lock-out is left, as a filled part of a circle. */
function clockFace(
  { lockOut, verdict, lastRefresh, nextRefresh }: StatusDirection,
  at: Point,
): string {
  const [x, y] = [round(at.x), round(at.y)];
  const face = `<circle class="face" cx="${x}" cy="${y}" r="${CLOCK_RADIUS}"/>`;
  if (verdict === "missing") return `${face}<text class="mark" x="${x}" y="${y + 5}">✗</text>`;
  if (lockOut === null) return `${face}<text class="mark" x="${x}" y="${y + 5}">?</text>`;
  const share = Math.max(0, lockOut.remaining);
  const angle = 2 * Math.PI * share - Math.PI / 2;
  const end = {
    x: round(at.x + CLOCK_RADIUS * Math.cos(angle)),
    y: round(at.y + CLOCK_RADIUS * Math.sin(angle)),
  };
  const slice = `M${x} ${y}V${round(at.y - CLOCK_RADIUS)}A${CLOCK_RADIUS} ${CLOCK_RADIUS} 0 ${
    share > 0.5 ? 1 : 0
  } 1 ${end.x} ${end.y}z`;
  const said = `locks out in ${duration(lockOut.inSeconds)}; last refresh ${
    lastRefresh ?? "not seen"
  }; next ${nextRefresh ?? "unknown"}`;
  const filled = share > 0.99
    ? `<circle class="slice" cx="${x}" cy="${y}" r="${CLOCK_RADIUS}"/>`
    : `<path class="slice" d="${slice}"/>`;
  return `<g><title>${html(said)}</title>${face}${filled}</g>`;
}

function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  return {
    x: from.x + (to.x - from.x) * distance / length,
    y: from.y + (to.y - from.y) * distance / length,
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
