/**
 * Worlds that are unusual and healthy: nothing may be named in them at all.
 *
 * @module
 */
import { OPERATOR_NAMESPACE } from "../../../manifests/manifest.ts";
import {
  declaredByHand,
  federated,
  restarted,
  rotating,
  skewed,
  staticPeer,
  withoutExec,
} from "../ailments.ts";
import {
  conditionsOf,
  edited,
  federation,
  type HealthyWorld,
  OLM,
  operand,
  planted,
  polled,
  settled,
  spiffeId,
  withSpec,
} from "./staging.ts";

/** Unusual, and well. */
export const HEALTHY_WORLDS: readonly HealthyWorld[] = [
  { what: "a fresh install, nobody peered", patch: [] },
  {
    what: "a fresh install without endpoints",
    patch: [],
    clusters: [{ name: "east", endpoint: false }, { name: "west", endpoint: false }],
  },
  { what: "federated", patch: [federation] },
  {
    what: "federated for hours",
    patch: [federation, ({ clockwork }) => clockwork.advance(5 * 3_600_000)],
  },
  {
    what: "federated through two rotations of the clock",
    patch: [federation, ({ clockwork }) => clockwork.advance(14 * 3_600_000)],
  },
  {
    what: "a rotation was prepared a moment ago",
    patch: [federation, polled, rotating("west", "prepare")],
  },
  {
    what: "a rotation was activated",
    patch: [federation, rotating("west", "prepare"), polled, rotating("west", "activate")],
  },
  {
    what: "three clusters in a mesh",
    patch: [federated("east", "west", "north")],
    clusters: ["east", "west", "north"],
  },
  {
    what: "a hub and two spokes",
    patch: [federated("east", "west"), federated("east", "north")],
    clusters: ["east", "west", "north"],
  },
  { what: "static and dynamic alike", patch: [federation, staticPeer("east", "west"), polled] },
  {
    what: "objects of another controller's class",
    patch: [
      federation,
      declaredByHand("east", "west", "other", {
        className: "spire-system",
        trustDomain: "partner.example",
      }),
      settled,
    ],
  },
  {
    what: "another controller's object for the same trust domain",
    patch: [
      federation,
      declaredByHand("east", "west", "other", { className: "spire-system" }),
      settled,
    ],
  },
  {
    what: "a route managed by hand",
    patch: [
      federation,
      edited("east", "spireservers", "cluster", (manifest) =>
        conditionsOf(
          ["RouteAvailable", "False", "FederationRouteDisabled", "managedRoute is false"],
          ["ConfigurationValid", "True", "Valid", ""],
          ["Ready", "False", "Failed", "RouteAvailable is false"],
        )(
          withSpec({
            federation: {
              bundleEndpoint: { profile: "https_spiffe", refreshHint: 300 },
              managedRoute: "false",
            },
          })(manifest),
        )),
      operand("zerotrustworkloadidentitymanagers", [
        "OperandsAvailable",
        "False",
        "OperandsNotReady",
        "SpireServer is not ready",
      ], ["Ready", "False", "Failed", "not ready"]),
    ],
  },
  {
    what: "who may read and nothing more than logs",
    patch: [federation, withoutExec("east"), withoutExec("west")],
  },
  {
    what: "an update of the operator waits for approval",
    patch: [
      federation,
      planted("east", {
        apiVersion: OLM,
        kind: "InstallPlan",
        metadata: { name: "install-next", namespace: OPERATOR_NAMESPACE },
        spec: { approval: "Manual", approved: false },
        status: { phase: "RequiresApproval" },
      }),
    ],
  },
  {
    what: "workloads that federate",
    patch: [
      federation,
      spiffeId({ federatesWith: ["apps.west.example"] }, {
        namespacesSelected: 2,
        podsSelected: 3,
        entriesToSet: 3,
      }),
    ],
  },
  {
    what: "a fallback identity for all",
    patch: [
      federation,
      spiffeId({ fallback: true, hint: "default" }, {
        namespacesSelected: 70,
        namespacesIgnored: 60,
        podsSelected: 9,
      }),
    ],
  },
  {
    what: "the operator at work for a moment",
    patch: [
      federation,
      operand("spireservers", ["Ready", "False", "Progressing", "Reconciling"], [
        "ConfigurationValid",
        "True",
        "Valid",
        "",
      ]),
    ],
  },
  {
    what: "the server restarted a while ago",
    patch: [federation, restarted("west"), ({ clockwork }) => clockwork.advance(120_000)],
  },
  {
    what: "a longer refresh hint",
    patch: [federation, ({ clockwork }) => clockwork.advance(20 * 60_000)],
    clusters: ["east", { name: "west", refreshHint: 3600 }],
  },
  {
    what: "a peer whom nobody has a context for",
    patch: [declaredByHand("east", "north", "federation-to-north"), federation, polled],
    clusters: ["east", "west", "north"],
  },
  { what: "a clock that is a little off", patch: [federation, skewed("west", 20_000)] },
];
