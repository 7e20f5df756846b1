import type { Run } from "../command.ts";
import { help } from "../help.ts";
import { known, resolve } from "../resolve.ts";
import type { spec } from "./spec.ts";

/** Help as an answer; the words that follow `help` are known before anything is loaded. */
export const run: Run<typeof spec> = ({ args }, { program }) => {
  const text = help(known(resolve(args), program), program);
  return Promise.resolve({ result: { kind: "Text", text, members: { kind: "Help", text } } });
};
