/**
 * What must be agreed to before something goes that does not come back.
 *
 * @module
 */
import { printable } from "../../output/printable.ts";
import type { Ask } from "../../plan/plan.ts";
import { OPERATOR_NAMESPACE } from "../../../manifests/manifest.ts";
import { SERVER_CLAIM } from "../../../manifests/storage.ts";

/** The claim with the server's keys. */
export function askClaim(cluster: string): Ask {
  return {
    question: `[${cluster}] destroy the certificate authority of this cluster?`,
    evidence: [
      `PersistentVolumeClaim/${SERVER_CLAIM} holds the SPIRE server's keys and registrations`,
      "every peer that trusts this cluster has to begin anew with the next ones",
      "--keep-ca leaves it",
    ],
    yes: true,
  };
}

/** A namespace, and whatever has come to be in it. */
export function askNamespace(
  cluster: string,
  namespace: string,
  strangers: readonly string[],
): Ask {
  return {
    question: `[${cluster}] delete Namespace/${printable(namespace, 253)} with everything in it?`,
    evidence: [
      "this program made it; objects that others have put there since go with it",
      ...strangers.slice(0, 10).map((pod) => `pod ${printable(pod, 253)} is not of this program`),
    ],
    yes: true,
  };
}

/** A version of the operator that nobody ordered. */
export function askOrphan(cluster: string, name: string): Ask {
  return {
    question: `[${cluster}] delete ClusterServiceVersion/${
      printable(name, 253)
    }, for which no Subscription stands?`,
    evidence: [
      `it runs the operator in ${OPERATOR_NAMESPACE}`,
      "a cleanup that was cut short leaves one behind; so does who deletes a Subscription alone",
    ],
    yes: true,
  };
}

/** The definitions, which are one for the whole cluster. */
export function askDefinitions(cluster: string, count: number): Ask {
  return {
    question: `[${cluster}] delete ${count} CustomResourceDefinitions?`,
    evidence: [
      "those of spire.spiffe.io may be shared with another installation of SPIRE",
      "no object of these kinds that somebody else made is there",
    ],
    yes: true,
  };
}

/** A stored bundle that nothing accounts for. */
export function askUndeclared(cluster: string, trustDomain: string): Ask {
  return {
    question:
      `[${cluster}] take away the stored keys of ${trustDomain}, which nothing declares as a peer?`,
    evidence: [
      `${cluster} trusts ${trustDomain} as long as they are stored`,
      "a removal that was cut short leaves them, and so does oc delete; somebody may also have set them by hand",
    ],
    yes: true,
  };
}
