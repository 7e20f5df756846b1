/**
 * What a person types into a shell, and what stock kubectl then says, in the sandbox as on
 * real parts. The plugin is on PATH; the current context is `east`, which knows no peer.
 *
 * @module
 */

/** A line, and what its output, errors and exit code have to match. */
export interface Line {
  readonly line: string;
  readonly says: RegExp;
  /** Whether it comes true in a while only; it is asked again until then. */
  readonly inTime?: boolean;
}

const IN_SERVER = "-n zero-trust-workload-identity-manager spire-server-0 -c spire-server";

/** Changes an object until a watch, started before, has told of two states of it. */
const WATCHED = `
kubectl get clusterfederatedtrustdomains -w -o name > $HOME/seen & watch=$!
until [ "$(wc -l < $HOME/seen)" -ge 2 ]; do
  i=$((i + 1))
  kubectl label --overwrite clusterfederatedtrustdomain apps.west.example n=$i > /dev/null
done
kill $watch
cat $HOME/seen`;

/** In this order, and in one go. */
export const KUBECTL_LINES: readonly Line[] = [
  { line: "kubectl get clusterfederatedtrustdomains", says: /No resources found/ },
  {
    line: "oc-spirefed cfdt gen --context west | kubectl apply -f -",
    says: /clusterfederatedtrustdomain.spire.spiffe.io\/apps.west.example created/,
  },
  {
    line: "oc-spirefed cfdt gen --context west | kubectl apply -f -",
    says: /apps.west.example unchanged/,
  },
  {
    line:
      "oc-spirefed cfdt gen --context west | kubectl apply --server-side --field-manager=me -f -",
    says: /apps.west.example serverside-applied/,
  },
  {
    line: "kubectl get clusterfederatedtrustdomains -o jsonpath='{.items[*].spec.trustDomain}'",
    says: /^apps\.west\.example\(exit 0\)/,
  },
  { line: "kubectl auth can-i patch clusterfederatedtrustdomains", says: /^yes$/m },
  {
    line: "kubectl auth can-i create pods/exec -n zero-trust-workload-identity-manager",
    says: /^yes$/m,
  },
  {
    line: `kubectl logs ${IN_SERVER}`,
    says: /msg="Bundle refreshed".* trust_domain=apps\.west\.example/,
    inTime: true,
  },
  {
    line: `kubectl exec ${IN_SERVER} -- /spire-server bundle list -format spiffe`,
    says: /^\* apps\.west\.example$/m,
  },
  {
    line: `kubectl exec ${IN_SERVER} -- /spire-server nonsense`,
    says: /exit code 127[^]*\(exit 127\)/,
  },
  {
    line: WATCHED,
    says: /^(clusterfederatedtrustdomain\.spire\.spiffe\.io\/apps\.west\.example\n){2}/,
  },
  {
    line: "oc-spirefed cfdt gen --context east | kubectl delete -f -",
    says: /NotFound[^]*\(exit 1\)/,
  },
  {
    line: "kubectl delete clusterfederatedtrustdomain apps.west.example",
    says: /deleted/,
  },
  { line: "kubectl get clusterfederatedtrustdomain apps.west.example", says: /NotFound/ },
];
