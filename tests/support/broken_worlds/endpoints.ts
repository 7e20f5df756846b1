/**
 * What lies between a SPIRE server and its peer's endpoint.
 *
 * @module
 */
import { OPERATOR_NAMESPACE } from "../../../manifests/manifest.ts";
import {
  answering,
  frozenBody,
  impostor,
  restarted,
  rotating,
  routerDown,
  skewed,
} from "../ailments.ts";
import {
  type BrokenWorld,
  declaring,
  edited,
  egress,
  federation,
  planted,
  polled,
  withSpec,
  withStatus,
} from "./staging.ts";

/** Each alone, with what must be named first. */
export const ENDPOINT_WORLDS: readonly BrokenWorld[] = [
  {
    id: "F23",
    what: "another route has claimed the host",
    names: ["route/admitted"],
    patch: [
      federation,
      edited(
        "west",
        "routes",
        "spire-server-federation",
        withStatus({
          ingress: [{
            routerName: "default",
            conditions: [{
              type: "Admitted",
              status: "False",
              reason: "HostAlreadyClaimed",
              message: "route older already exposes it",
            }],
          }],
        }),
        OPERATOR_NAMESPACE,
      ),
      polled,
    ],
  },
  {
    id: "F24",
    what: "the router answers with its own page",
    names: ["endpoint/answer"],
    patch: [
      federation,
      answering("west", { status: 503, body: "<html>Application is not available</html>" }),
      polled,
    ],
  },
  {
    id: "F25",
    what: "the route ends TLS",
    names: ["route/termination"],
    patch: [
      federation,
      edited(
        "west",
        "routes",
        "spire-server-federation",
        withSpec({ tls: { termination: "reencrypt" } }),
        OPERATOR_NAMESPACE,
      ),
    ],
  },
  {
    id: "F25 inspection",
    what: "inspection between the clusters ends TLS",
    names: ["federation/passthrough"],
    patch: [federation, egress("inspection"), polled],
  },
  {
    id: "F26",
    what: "the holder cannot resolve the peer",
    names: ["federation/name"],
    patch: [federation, egress("dns"), polled],
  },
  {
    id: "F27",
    what: "a firewall drops what leaves the cluster",
    names: ["federation/egress"],
    patch: [
      federation,
      egress("timeout"),
      polled,
      planted("east", {
        apiVersion: "k8s.ovn.org/v1",
        kind: "EgressFirewall",
        metadata: { name: "default", namespace: OPERATOR_NAMESPACE },
        spec: { egress: [{ type: "Deny", to: { cidrSelector: "0.0.0.0/0" } }] },
      }),
    ],
  },
  {
    id: "F28",
    what: "the proxy refuses",
    names: ["federation/proxy"],
    patch: [federation, egress("proxy"), polled],
  },
  {
    id: "F29",
    what: "the URL has a path",
    names: ["cfdt/endpoint"],
    patch: [...declaring({ bundleEndpointURL: "https://federation.apps.west.example/bundle" })],
  },
  {
    id: "F30",
    what: "a clock is ahead",
    names: ["api/clock"],
    patch: [federation, skewed("west", 120_000)],
  },
  {
    id: "F31",
    what: "the server is restarting",
    names: ["server/running"],
    patch: [federation, restarted("west")],
  },
  {
    id: "dead endpoint",
    what: "the peer's router is down",
    names: ["endpoint/reachable"],
    patch: [federation, routerDown("west"), polled],
  },
  {
    id: "impostor",
    what: "another cluster answers at the endpoint",
    names: ["endpoint/identity"],
    clusters: ["east", "west", "north"],
    patch: [federation, impostor("west", "north"), polled],
  },
  {
    id: "frozen endpoint",
    what: "the endpoint serves what it served before the CA was replaced",
    names: ["endpoint/identity", "endpoint/roots"],
    patch: [federation, frozenBody("west"), rotating("west", "prepare"), polled],
  },
];
