/**
 * Clocks that disagree make good certificates look bad, and bad ones good.
 *
 * @module
 */
import type { Cluster } from "../cluster/cluster.ts";
import { SpirefedError } from "../errors.ts";

/** Beyond this, a warning. */
const WARN_SECONDS = 60;

/** Beyond this, nothing is changed. */
const REFUSE_SECONDS = 5 * 60;

/**
 * Compares the local clock with an API server's `Date`: seconds that the server is ahead.
 *
 * @returns a warning, or `undefined` while the clocks agree well enough.
 * @throws {SpirefedError} `refused`, when they are more than five minutes apart.
 */
export function judgeClock({ name, server }: Pick<Cluster, "name" | "server">): string | undefined {
  const clock = server.clock();
  if (clock === undefined) return undefined;
  const ahead = Math.round((clock.server.getTime() - clock.local.getTime()) / 1000);
  const amount = Math.abs(ahead);
  if (amount <= WARN_SECONDS) return undefined;
  const said =
    `its API server says ${clock.server.toISOString()}, this machine ${clock.local.toISOString()}: ${amount} s ${
      ahead > 0 ? "behind" : "ahead"
    } here`;
  if (amount <= REFUSE_SECONDS) return `[${name}] clocks differ: ${said}`;
  throw new SpirefedError(
    "refused",
    `[${name}] clocks differ too much to judge certificates: ${said}`,
    {
      code: "clock/skew",
      remedy: "set this machine's clock, or the cluster's, by NTP and run the command again",
    },
  );
}
