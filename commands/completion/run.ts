import type { Run } from "../command.ts";
import { completionScript } from "./scripts.ts";
import type { spec } from "./spec.ts";

/** The script for a shell. */
export const run: Run<typeof spec> = ({ args: [shell = ""] }) => {
  const text = completionScript(shell);
  return Promise.resolve({ result: { kind: "Text", text, members: { kind: "Completion", text } } });
};
