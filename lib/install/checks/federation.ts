/**
 * Checks of what a federation rests on: the Route, the endpoint, what is declared.
 *
 * @module
 */
import { type Check, fail, type Outcome, pass, skip, warn } from "../../check/check.ts";
import { OPERATOR_NAMESPACE } from "../../../manifests/manifest.ts";
import { FEDERATION_ROUTE, isAdmitted, type Route } from "../../../manifests/route.ts";
import {
  SPIRE_SERVERS,
  type SpireServer,
  STATIC_PEERS_LIMIT,
} from "../../../manifests/spire_server.ts";
import { valueOf } from "../reading.ts";
import { ofSeen, type Seen, type Subject, whenRead } from "../subject.ts";

/** All of them. */
export const FEDERATION_CHECKS: readonly Check<Subject>[] = [
  ofSeen({
    id: "route/admitted",
    title: "a router serves the endpoint's Route",
    judge: judgeRoute,
  }),
  ofSeen({
    id: "endpoint/answers",
    title: "its bundle endpoint answers from here and proves to be its own",
    requires: ["route/admitted", "api/verified"],
    judge: ({ facts: { endpoint }, cluster }) => {
      if (endpoint.state === "none") return skip(endpoint.why);
      if (endpoint.state === "answers") {
        return pass(
          `${endpoint.url}, ${endpoint.roots === 1 ? "1 root" : `${endpoint.roots} roots`}`,
        );
      }
      const { message, remedy, cause } = endpoint.failure;
      const why = cause instanceof Error ? `${message}: ${cause.message}` : message;
      return fail(why, remedy ?? `oc spirefed bundle fetch --context ${cluster} says more`);
    },
  }),
  ofSeen({
    id: "endpoint/inside",
    title: "the other clusters' servers reach its bundle endpoint",
    judge: ({ others, cluster }) =>
      skip(
        `only a SPIRE server can tell, once it is peered: oc spirefed peer ${cluster} ${
          others[0]?.looked.cluster ?? "OTHER"
        } then shows its refresh`,
      ),
  }),
  ofSeen({
    id: "federation/declared",
    title: "no trust domain is declared twice, or without being minded",
    judge: judgeDeclared,
  }),
  ofSeen({
    id: "federation/static",
    title: "federatesWith and the ClusterFederatedTrustDomains agree",
    judge: judgeStatic,
  }),
];

function judgeRoute({ facts, cluster }: Seen): Outcome {
  const server = serverOf(facts);
  if (typeof server === "string") return skip("SpireServer/cluster makes no sense");
  if (server?.spec.federation === undefined) return skip("there is no bundle endpoint yet");
  const describe =
    `oc --context ${cluster} -n ${OPERATOR_NAMESPACE} describe route ${FEDERATION_ROUTE}`;
  return whenRead(facts.route, (route) => {
    if (server.spec.federation?.managedRoute === "false") {
      return skip("managedRoute is false: the way to the endpoint is not the operator's");
    }
    if (route === undefined) {
      return fail("the operator has made no Route for the endpoint", describe);
    }
    const { termination = "" } = route.spec.tls ?? {};
    const web = server.spec.federation?.bundleEndpoint.profile === "https_web";
    if (!isAdmitted(route)) return fail(whyNotAdmitted(route), `${describe}; ${shardHint(route)}`);
    if (termination !== "passthrough" && !web) {
      return fail(
        `its Route ends TLS (${
          termination || "no TLS"
        }): peers see the router's certificate, which contains no URI SAN`,
        `oc --context ${cluster} -n ${OPERATOR_NAMESPACE} delete route ${FEDERATION_ROUTE}; the operator makes it again with passthrough`,
      );
    }
    return pass(route.spec.host);
  });
}

function whyNotAdmitted({ status, spec }: Route): string {
  const refused = (status?.ingress ?? []).flatMap(({ conditions }) => conditions)
    .find(({ type, status }) => type === "Admitted" && status === "False");
  return refused === undefined
    ? `no router has taken up the Route for ${spec.host}`
    : `the router refuses the Route for ${spec.host}: ${refused.reason ?? ""} ${
      refused.message ?? ""
    }`
      .trim();
}

function shardHint({ status }: Route): string {
  return (status?.ingress ?? []).length === 0
    ? "a sharded router wants its label in SpireServer's spec.labels (by hand on the Route it is reverted)"
    : "remove the older Route that claims the host";
}

function judgeDeclared({ facts, cluster }: Seen): Outcome {
  return whenRead(facts.declared, (found) => {
    const items = found?.items ?? [];
    const byDomain = Map.groupBy(items, ({ spec }) => spec.trustDomain);
    const twice = [...byDomain].find(([, objects]) => objects.length > 1);
    if (twice !== undefined) {
      const [trustDomain, objects] = twice;
      const names = objects.map(({ metadata }) => metadata.name);
      return fail(
        `${names.join(" and ")} both declare ${trustDomain}: only the older one counts`,
        `oc --context ${cluster} delete clusterfederatedtrustdomain ${
          names.at(-1)
        }, if it is the newer`,
      );
    }
    const [unreadable] = found?.unreadable ?? [];
    if (unreadable !== undefined) {
      return warn(
        `ClusterFederatedTrustDomain/${unreadable.name} cannot be read: ${unreadable.problem}`,
        `oc --context ${cluster} get clusterfederatedtrustdomain ${unreadable.name} -o yaml`,
      );
    }
    return pass(items.length === 0 ? "none yet" : `${items.length} declared`);
  });
}

function judgeStatic({ facts, cluster }: Seen): Outcome {
  const server = serverOf(facts);
  if (server === undefined) return skip("SPIRE is not installed yet");
  if (typeof server === "string") {
    return fail(
      `SpireServer/cluster makes no sense: ${server}`,
      `oc --context ${cluster} get spireserver cluster -o yaml`,
    );
  }
  const peers = server.spec.federation?.federatesWith ?? [];
  const declared = valueOf(facts.declared)?.items ?? [];
  const differing = peers.find((peer) =>
    declared.some(({ spec }) =>
      spec.trustDomain === peer.trustDomain && spec.bundleEndpointURL !== peer.bundleEndpointUrl
    )
  );
  if (differing !== undefined) {
    return warn(
      `federatesWith sends ${differing.trustDomain} to ${differing.bundleEndpointUrl}, its ClusterFederatedTrustDomain says otherwise and is not obeyed`,
      `oc --context ${cluster} edit spireserver cluster, and make the two agree`,
    );
  }
  return peers.length < STATIC_PEERS_LIMIT
    ? pass(`${peers.length} of ${STATIC_PEERS_LIMIT}`)
    : warn(
      `federatesWith is full (${STATIC_PEERS_LIMIT})`,
      "go on without --static: ClusterFederatedTrustDomains have no such limit",
    );
}

/** The server, or in which way it is not as its definition demands. */
function serverOf({ stack }: Seen["facts"]): SpireServer | string | undefined {
  const reading = stack.get("SpireServer");
  const object = reading && valueOf(reading);
  if (object === undefined) return undefined;
  try {
    return SPIRE_SERVERS.parse(object);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
