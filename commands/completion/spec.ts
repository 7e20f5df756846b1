import { command } from "../command.ts";
import { GLOBAL_FLAGS } from "../flags.ts";

/** `oc spirefed completion SHELL` */
export const spec = command({
  path: ["completion"],
  group: "Other",
  summary: "Print a script that completes commands, flags and contexts in a shell",
  description: `The script is for oc-spirefed and kubectl-spirefed typed as they are. For
"oc spirefed" and "kubectl spirefed", oc and kubectl ask a program on PATH:
oc_complete-spirefed and kubectl_complete-spirefed, each a script of one line,
  exec oc-spirefed complete -- "$@"
No completion ever talks to a cluster.`,
  arguments: [{
    name: "SHELL",
    summary: "bash, zsh or fish",
    required: true,
    choices: ["bash", "zsh", "fish"],
  }],
  flags: GLOBAL_FLAGS,
  examples: [
    {
      run: "completion bash > ~/.local/share/bash-completion/completions/oc-spirefed",
      does: "bash",
    },
    { run: 'completion zsh > "${fpath[1]}/_oc-spirefed"', does: "zsh" },
    { run: "completion fish > ~/.config/fish/completions/oc-spirefed.fish", does: "fish" },
  ],
  exits: [],
});
