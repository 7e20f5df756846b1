/**
 * A container's log as the API server answers it.
 *
 * @module
 */
import type { LogOptions } from "../lib/cluster/cluster.ts";
import type { LogLine } from "./model.ts";

/** The containers of the server's pod. */
export const CONTAINERS: readonly string[] = ["spire-server", "spire-controller-manager"];

/** The lines of a container, since a second and at most so many. */
export function logText(
  log: readonly LogLine[],
  container: string,
  { sinceTime, tailLines, timestamps = false, previous = false }: LogOptions,
): string {
  // The API server knows whole seconds only, and includes the one asked for.
  const since = Math.floor((sinceTime?.getTime() ?? 0) / 1000) * 1000;
  const lines = previous
    ? []
    : log.filter((line) => line.container === container && line.at >= since);
  return lines.slice(tailLines === undefined ? 0 : Math.max(0, lines.length - tailLines))
    .map(({ at, text }) => {
      const time = new Date(at).toISOString().replace("Z", "000000Z");
      return timestamps ? `${time} ${text}\n` : `${text}\n`;
    }).join("");
}
