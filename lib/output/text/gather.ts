/**
 * What was gathered, in a few lines.
 *
 * @module
 */
import { withoutCluster } from "../../errors.ts";
import { printable } from "../printable.ts";
import type { GatherReportResult } from "../status_result.ts";
import { counted, hanging } from "./paragraph.ts";

/** The clusters, the file, and how to look at it. */
export function renderGather(
  { file, bytes, clusters, members }: GatherReportResult,
  columns: number,
): string {
  const lines = clusters.map(({ name, problem, objects, logs }) =>
    problem === null
      ? `  ✓ ${printable(name, 60)}  ${counted(objects, "object")}, ${counted(logs, "log")}\n`
      : hanging(`  ✗ ${printable(name, 60)}  `, printable(withoutCluster(problem)), columns)
  );
  return [
    ...lines,
    `${printable(file, 300)}: ${counted(members.length, "file")}, ${Math.ceil(bytes / 1024)} KiB\n`,
    `Next: oc spirefed troubleshoot --from ${printable(file, 300)}\n`,
  ].join("");
}
