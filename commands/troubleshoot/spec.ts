import { command } from "../command.ts";
import {
  CLUSTERS,
  CONNECT_TO_FLAG,
  FAIL_ON_FLAG,
  FROM_FLAG,
  GLOBAL_FLAGS,
  OUTPUT_TEXT_JSON_JUNIT,
} from "../flags.ts";

/** `troubleshoot [CTX...]`: what is wrong, what comes first, and what to type next. */
export const spec = command({
  path: ["troubleshoot"],
  group: "Troubleshoot",
  summary: "Name the first cause of what is wrong, and the next command",
  description: `Looks once at objects, events, logs, SPIRE servers and endpoints of all clusters,
then asks some fifty questions of what it saw. What went wrong first stands first;
what only follows from it is folded under it. Each check has a heading in
docs/checks.md. Writes nothing, but with --fix: that shows a plan of what is safe to
mend (a refresh, a bundle that went stale or was never stored, the class of an
object made by this program), asks, mends it and looks again.`,
  arguments: [CLUSTERS],
  flags: {
    ...GLOBAL_FLAGS,
    output: OUTPUT_TEXT_JSON_JUNIT,
    area: {
      type: "string",
      value: "AREA",
      choices: ["operator", "bundle", "federation", "workload"],
      summary: "only what concerns this, and what causes it",
    },
    pod: {
      type: "string",
      value: "NS/NAME",
      summary: "walk from this pod to its identity and its peers' bundles",
    },
    fix: { type: "switch", summary: "mend what is safe to mend, after showing it and asking" },
    dryRun: { type: "switch", summary: "with --fix: show what would be mended, write nothing" },
    yes: { type: "switch", summary: "with --fix: agree to what the plan asks", consent: true },
    failOn: FAIL_ON_FLAG,
    from: FROM_FLAG,
    connectTo: CONNECT_TO_FLAG,
  },
  examples: [
    { run: "troubleshoot east west", does: "all that is wrong, the first cause first" },
    {
      run: "troubleshoot east --area workload",
      does: "why pods get no identity, or no peer's bundle",
    },
    {
      run: "troubleshoot east --pod shop/cart-0",
      does: "why this pod has no SVID, or trusts no peer",
    },
    { run: "troubleshoot east west --fix", does: "mend a stale or missing bundle, after asking" },
    { run: "troubleshoot -o junit > checks.xml", does: "for a pipeline" },
  ],
  exits: [
    { code: 3, when: "at least one check failed, or still fails after --fix" },
    { code: 4, when: "what --fix would do was not agreed to; nothing was written" },
    { code: 5, when: "--fix may not write what it would have to; nothing was written" },
    { code: 6, when: "nothing worse than warnings, with --fail-on warn" },
  ],
});
