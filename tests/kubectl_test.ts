/** Stock kubectl, and the plugin through it, from another shell against a running sandbox. */
import assert from "node:assert/strict";
import { startSandbox } from "../sandbox/tls/sandbox.ts";
import { shellTo, which } from "./support/shell.ts";

const IN_SERVER = "-n zero-trust-workload-identity-manager spire-server-0 -c spire-server";
const KUBECTL = await which("kubectl");

function kubectlTest(
  name: string,
  steps: readonly (readonly [line: string, says: RegExp])[],
): void {
  const ignore = KUBECTL === undefined;
  Deno.test({
    name: ignore ? `${name} (left out: there is no kubectl on this machine)` : name,
    ignore,
    fn: async (test) => {
      await using sandbox = await startSandbox();
      await using shell = await shellTo(sandbox);
      for (const [line, says] of steps) {
        await test.step(line, async () => {
          const { code, out, err } = await shell.type(line);
          assert.match(`${out}${err}(exit ${code})\n`, says);
        });
      }
    },
  });
}

kubectlTest("kubectl reads, applies, asks, executes and deletes", [
  ["kubectl get clusterfederatedtrustdomains", /No resources found/],
  [
    "oc-spirefed cfdt gen --context west | kubectl apply -f -",
    /clusterfederatedtrustdomain.spire.spiffe.io\/apps.west.example created/,
  ],
  ["oc-spirefed cfdt gen --context west | kubectl apply -f -", /apps.west.example unchanged/],
  [
    "oc-spirefed cfdt gen --context west | kubectl apply --server-side --field-manager=me -f -",
    /apps.west.example serverside-applied/,
  ],
  ["kubectl get clusterfederatedtrustdomains", /^NAME +AGE\napps\.west\.example +\d+s$/m],
  [
    "kubectl get clusterfederatedtrustdomains -o jsonpath='{.items[*].spec.trustDomain}'",
    /^apps\.west\.example\(exit 0\)/,
  ],
  ["kubectl auth can-i patch clusterfederatedtrustdomains", /^yes$/m],
  [`kubectl auth can-i create pods/exec -n zero-trust-workload-identity-manager`, /^yes$/m],
  [`kubectl logs ${IN_SERVER}`, /msg="Bundle refreshed".* trust_domain=apps\.west\.example/],
  [
    `kubectl exec ${IN_SERVER} -- /spire-server bundle list -format spiffe`,
    /^\* apps\.west\.example$/m,
  ],
  [`kubectl exec ${IN_SERVER} -- /spire-server nonsense`, /exit code 127[^]*\(exit 127\)/],
  ["oc-spirefed cfdt gen --context east | kubectl delete -f -", /NotFound[^]*\(exit 1\)/],
  ["kubectl delete clusterfederatedtrustdomain apps.west.example", /deleted/],
  ["kubectl get clusterfederatedtrustdomain apps.west.example", /NotFound/],
]);

kubectlTest("kubectl spirefed peer makes two clusters trust each other", [
  [
    "kubectl spirefed peer east west",
    /✓ east → west +trusted[^]*✓ west → east +trusted[^]*\(exit 0\)/,
  ],
  ["kubectl spirefed peer east west", /Plan: nothing to change[^]*\(exit 0\)/],
  [
    "kubectl --context west get clusterfederatedtrustdomains -o name",
    /^clusterfederatedtrustdomain\.spire\.spiffe\.io\/apps\.east\.example$/m,
  ],
  ["kubectl spirefed version", /^oc-spirefed \d/],
]);

/** Changes an object until a watch, started before, has told of two states of it. */
const WATCHED = `
kubectl get clusterfederatedtrustdomains -w -o name > $HOME/seen & watch=$!
until [ "$(wc -l < $HOME/seen)" -ge 2 ]; do
  i=$((i + 1))
  kubectl label --overwrite clusterfederatedtrustdomain apps.west.example n=$i > /dev/null
done
kill $watch
cat $HOME/seen`;

kubectlTest("kubectl get -w sees what changes", [
  ["oc-spirefed cfdt gen --context west | kubectl apply -f -", /created/],
  [WATCHED, /^(clusterfederatedtrustdomain\.spire\.spiffe\.io\/apps\.west\.example\n){2}/],
]);
