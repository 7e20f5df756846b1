/**
 * Whether a cluster's bundle can be had, and is what its API names: roots, route, endpoint.
 *
 * @module
 */
import { OPERATOR_NAMESPACE } from "../../../manifests/manifest.ts";
import { type Check, fail, type Outcome, pass, skip, warn } from "../../check/check.ts";
import { duration } from "../../output/duration.ts";
import { printable } from "../../output/printable.ts";
import { at } from "../facts/observation.ts";
import type { ClusterView } from "../facts/view.ts";
import { lifeLeft, newestOf } from "../status/lock_out.ts";
import { lacking } from "../status/direction.ts";
import { whyNotAdmitted } from "../status/operands.ts";
import { textIn } from "./olm_checks.ts";

const EXPIRING_SHARE = 0.2;
const CLOCK_LIMIT_SECONDS = 60;

/** The first questions to any cluster. */
export const API_CHECKS: readonly Check<ClusterView>[] = [
  {
    id: "api/reachable",
    title: "the API server answers, over verified TLS",
    judge: ({ facts: { failure, server }, name }) =>
      failure === undefined
        ? pass(printable(server, 200))
        : fail(failure.message, failure.remedy ?? `oc --context ${name} get --raw /version`),
  },
  {
    id: "api/clock",
    title: "its clock agrees with the one here",
    after: ["api/reachable"],
    judge: ({ facts: { clockAheadSeconds: ahead }, name }) => {
      if (ahead === undefined) return skip("no answer told the time");
      if (Math.abs(ahead) <= CLOCK_LIMIT_SECONDS) return pass();
      return fail(
        `its clock is ${duration(Math.abs(ahead))} ${
          ahead > 0 ? "ahead" : "behind"
        }: fresh certificates look expired or not yet valid elsewhere`,
        `set the clock of ${name}, or of this machine, by NTP`,
      );
    },
  },
];

function endpointFailure(
  { facts: { endpoint } }: ClusterView,
): { code: string; why: string } | undefined {
  return endpoint?.state === "failed" ? endpoint : undefined;
}

/** An endpoint that was not visited cannot be judged. */
function visited(view: ClusterView, judge: () => Outcome): Outcome {
  if (view.endpoint === undefined) return skip("it has no bundle endpoint");
  return view.facts.endpoint === undefined ? skip("its roots may not be read") : judge();
}

/** Along the way to the endpoint. */
export const BUNDLE_CHECKS: readonly Check<ClusterView>[] = [
  {
    id: "bundle/published",
    title: "the API names the cluster's X.509 authorities",
    after: ["stack/created"],
    judge: ({ facts: { roots }, name }) => {
      if (roots.state === "read") return pass(roots.source);
      if (roots.code === "permission/roots" || roots.code === "http/403") return skip(roots.why);
      return fail(
        roots.why,
        `oc --context ${name} -n ${OPERATOR_NAMESPACE} get configmap spire-bundle -o yaml`,
      );
    },
  },
  {
    id: "bundle/expiring",
    title: "the cluster has an authority with time left",
    after: ["bundle/published"],
    judge: (view) => {
      const newest = view.roots && newestOf(view.roots);
      if (newest === undefined) return skip("its authorities are not known");
      const left = (newest.notAfter.getTime() - view.now.getTime()) / 1000;
      if (lifeLeft(newest, view.now) > EXPIRING_SHARE) {
        return pass(`newest expires in ${duration(left)}`);
      }
      return warn(
        `its newest authority expires in ${duration(left)}, and none is prepared`,
        `oc --context ${view.name} -n ${OPERATOR_NAMESPACE} logs spire-server-0 -c spire-server`,
      );
    },
  },
  {
    id: "route/admitted",
    title: "a router serves the endpoint's Route",
    after: ["stack/created"],
    judge: (view) => {
      if (view.endpoint === undefined) return skip("it has no bundle endpoint");
      const [server] = view.objects("server");
      const managed = at(server?.kept, "spec", "federation", "managedRoute") !== "false";
      const route = view.objects("routes").find(({ name }) => name === "spire-server-federation");
      if (view.facts.objects["routes"]?.state !== "read") return skip("routes may not be read");
      if (route === undefined) {
        return managed
          ? fail(
            "Route/spire-server-federation is not there",
            `oc --context ${view.name} describe spireserver cluster`,
          )
          : pass("the route is managed by hand");
      }
      const refused = whyNotAdmitted(route);
      return refused === undefined ? pass() : fail(
        refused,
        refused.startsWith("HostAlreadyClaimed")
          ? `oc --context ${view.name} get routes -A   # delete the older one with host ${
            textIn(route, "spec", "host")
          }`
          : `oc --context ${view.name} -n ${OPERATOR_NAMESPACE} describe route spire-server-federation`,
      );
    },
  },
  {
    id: "route/termination",
    title: "TLS reaches the SPIRE server unbroken",
    after: ["route/admitted"],
    judge: (view) => {
      const route = view.objects("routes").find(({ name }) => name === "spire-server-federation");
      const termination = textIn(route, "spec", "tls", "termination");
      return view.endpoint?.profile !== "https_spiffe" || route === undefined ||
          termination === "passthrough"
        ? pass()
        : fail(
          `Route/spire-server-federation is ${
            termination || "not TLS"
          }, not passthrough: peers see the router's certificate, which has no URI SAN`,
          `oc --context ${view.name} -n ${OPERATOR_NAMESPACE} patch route spire-server-federation --type merge -p '{"spec":{"tls":{"termination":"passthrough"}}}'`,
        );
    },
  },
  {
    id: "endpoint/reachable",
    title: "the bundle endpoint answers from here",
    after: ["route/termination", "server/running", "operator/rollout"],
    judge: (view) =>
      visited(view, () => {
        const failure = endpointFailure(view);
        return failure === undefined || !failure.code.startsWith("net/") ? pass() : fail(
          failure.why,
          failure.code === "net/dns"
            ? `make ${
              new URL(view.endpoint?.url ?? "https://unknown").hostname
            } resolve to the router of ${view.name}`
            : `oc --context ${view.name} -n openshift-ingress get pods,services`,
        );
      }),
  },
  {
    id: "endpoint/answer",
    title: "what answers there is a bundle",
    after: ["endpoint/reachable"],
    judge: (view) =>
      visited(view, () => {
        const failure = endpointFailure(view);
        if (failure !== undefined) {
          return failure.code.startsWith("endpoint/")
            ? fail(
              failure.why,
              `oc --context ${view.name} -n ${OPERATOR_NAMESPACE} get endpointslices -l kubernetes.io/service-name=spire-server`,
            )
            : pass();
        }
        const error = view.served?.problems.find(({ severity }) => severity === "error");
        return view.served?.bundle !== undefined || error === undefined ? pass() : fail(
          `${error.code}: ${error.message}`,
          `oc spirefed bundle verify FILE --trust-domain ${view.trustDomain}`,
        );
      }),
  },
  {
    id: "endpoint/identity",
    title: "the endpoint proves to be the trust domain's own",
    after: ["endpoint/answer"],
    judge: (view) =>
      visited(view, () => {
        const failure = endpointFailure(view);
        if (failure === undefined) return pass();
        return fail(
          failure.why,
          /URI SAN|no SPIFFE ID/i.test(failure.why)
            ? "let TLS pass through whatever stands between: load balancer, CDN or inspection"
            : `find out who answers at ${view.endpoint?.url}: it is not the SPIRE server of ${view.name}`,
        );
      }),
  },
  {
    id: "endpoint/roots",
    title: "the endpoint serves the authorities that the API names",
    after: ["endpoint/identity", "bundle/published"],
    judge: (view) =>
      visited(view, () => {
        const served = view.served?.bundle;
        if (served === undefined || view.roots === undefined) return skip("nothing to compare");
        const missing = lacking(served, view.roots);
        if (missing.length === 0) return pass();
        const said = `it does not serve ${
          missing.map((sha256) => `${sha256.slice(0, 16)}…`).join(", ")
        }`;
        const remedy =
          `find out who answers at ${view.endpoint?.url}: it is not, or not only, the SPIRE server of ${view.name}`;
        // Without the server's own word it may be one that was revoked: the ConfigMap keeps those.
        return view.facts.spire.own === undefined
          ? warn(`${said}, which ${view.name}'s ConfigMap still names`, remedy)
          : fail(said, remedy);
      }),
  },
  {
    id: "endpoint/understood",
    title: "every SPIRE understands what the endpoint serves",
    after: ["endpoint/roots"],
    judge: (view) => {
      const unknown = view.served?.problems.find(({ code }) => code === "bundle/unknown-use");
      return unknown === undefined ? pass() : warn(
        `${unknown.message}: SPIRE before 1.15.3 refuses the whole bundle`,
        "bring the SPIRE servers of all peers to one version",
      );
    },
  },
];
