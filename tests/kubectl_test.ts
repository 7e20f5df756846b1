/**
 * Stock kubectl, and the plugin through it, from another shell against a running sandbox.
 * `tests/e2e/kubectl_test.ts` types the same lines on real parts.
 */
import assert from "node:assert/strict";
import { startSandbox } from "../sandbox/tls/sandbox.ts";
import { KUBECTL_LINES, type Line } from "./contract/kubectl_lines.ts";
import { shellTo, which } from "./support/shell.ts";

const KUBECTL = await which("kubectl");

function kubectlTest(
  name: string,
  lines: readonly Line[],
): void {
  const ignore = KUBECTL === undefined;
  Deno.test({
    name: ignore ? `${name} (left out: there is no kubectl on this machine)` : name,
    ignore,
    fn: async (test) => {
      await using sandbox = await startSandbox();
      await using shell = await shellTo(sandbox);
      for (const { line, says } of lines) {
        await test.step(line, async () => {
          const { code, out, err } = await shell.type(line);
          assert.match(`${out}${err}(exit ${code})\n`, says);
        });
      }
    },
  });
}

kubectlTest("kubectl reads, applies, asks, executes, watches and deletes", KUBECTL_LINES);

kubectlTest("kubectl spirefed peer makes two clusters trust each other", [
  {
    line: "kubectl spirefed peer east west",
    says: /✓ east → west +trusted[^]*✓ west → east +trusted[^]*\(exit 0\)/,
  },
  { line: "kubectl spirefed peer east west", says: /Plan: nothing to change[^]*\(exit 0\)/ },
  {
    line: "kubectl --context west get clusterfederatedtrustdomains -o name",
    says: /^clusterfederatedtrustdomain\.spire\.spiffe\.io\/apps\.east\.example$/m,
  },
  { line: "kubectl spirefed version", says: /^oc-spirefed \d/ },
]);
