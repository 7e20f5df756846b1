import { command } from "../command.ts";
import {
  CLUSTERS,
  CONNECT_TO_FLAG,
  FAIL_ON_FLAG,
  GLOBAL_FLAGS,
  OUTPUT_TEXT_JSON_JUNIT,
} from "../flags.ts";
import { SETTINGS_FLAGS } from "../settings_flags.ts";

/** `preflight CTX...`: will `install` and `peer` work? */
export const spec = command({
  path: ["preflight"],
  group: "Set up",
  summary: "Find what would make install or peer fail; write nothing",
  description: `Looks at every cluster side by side: the API and the permissions, OpenShift,
catalog and operator, storage, names, definitions, the stack and its endpoint.
Every check has a name that docs/checks.md explains, and what fails says what
to do. The flags of install tell what would be installed.`,
  arguments: [{ ...CLUSTERS, required: true }],
  flags: {
    ...GLOBAL_FLAGS,
    output: OUTPUT_TEXT_JSON_JUNIT,
    failOn: FAIL_ON_FLAG,
    ...SETTINGS_FLAGS,
    connectTo: CONNECT_TO_FLAG,
  },
  examples: [
    { run: "preflight east west", does: "are the two ready for install and peer?" },
    { run: "preflight east -o junit", does: "for a pipeline" },
    { run: "preflight east --access-mode ReadWriteOncePod", does: "would this volume work?" },
  ],
  exits: [
    { code: 5, when: "a check failed; nothing was written" },
    { code: 6, when: "there were warnings, with --fail-on warn" },
  ],
});
