/**
 * docs/performance.md: what was measured, where, and how far it is from what is wanted.
 *
 * @module
 */
import type { Measured } from "./measure.ts";

/** Where and when it was measured. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly tools: readonly string[];
  readonly day: string;
  /** Of one minute, before and after, beside the measurement itself. */
  readonly load: readonly [number, number];
}

/** The page. Pure. */
export function performancePage(machine: Machine, all: readonly Measured[], notes: string): string {
  const { processor, cores, memoryGiB, system, tools, day, load } = machine;
  return `# Performance

Written by \`deno task bench\`. Whole processes, from the start to the exit, in turns with what a user would type instead:
both sides meet the same noise. **The ratio is the median of the ratios of neighbours**; milliseconds are medians and
mean nothing on another machine. Clusters are the sandbox over TLS on this machine.

${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}; ${
    tools.join(", ")
  }; ${day}. Load average ${load.map((one) => one.toFixed(1)).join(" before and ")} after: ${
    quietness(Math.max(...load) / cores)
  }

| command | against | ours ms | theirs ms | ratio | middle half | wanted | |
| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |
${all.map(row).join("\n")}

Peak memory of the largest process, MiB:

| command | ours | theirs |
| --- | ---: | ---: |
${
    all.map(({ pair, memory }) => `| ${pair.name} | ${mib(memory.ours)} | ${mib(memory.theirs)} |`)
      .join("\n")
  }

${notes}`;
}

function row({ pair, ours, theirs, ratio, middle }: Measured): string {
  const met = ratio <= pair.goal
    ? "met"
    : `missed by ${Math.round((ratio / pair.goal - 1) * 100)} %`;
  const half = `${middle[0].toFixed(2)}–${middle[1].toFixed(2)}`;
  return `| ${pair.name} | ${pair.against} | ${Math.round(ours)} | ${Math.round(theirs)} | **${
    ratio.toFixed(2)
  }** | ${half} | ≤ ${pair.goal} | ${met} |`;
}

function quietness(load: number): string {
  if (load < 0.7) return "it was quiet.";
  if (load < 1.5) return "it was not quite quiet.";
  return "it was busy with other work, so single figures are noisy; ratios of neighbours hold better.";
}

function mib(value: number | undefined): string {
  return value === undefined ? "not measured" : `${Math.round(value)}`;
}
