import { command } from "../command.ts";

/** `oc spirefed help [COMMAND...]`, the same as `--help` anywhere. */
export const spec = command({
  path: ["help"],
  group: "Other",
  summary: "Tell more about a command",
  arguments: [{
    name: "COMMAND",
    summary: "the words of the command; none for the list of all",
    required: false,
    variadic: true,
  }],
  flags: {},
  examples: [{ run: "help bundle fetch", does: "the same as bundle fetch --help" }],
  exits: [],
});
