/**
 * Which clusters are brought up, and where everything lies. Pure data: a third
 * cluster is one more name.
 *
 * @module
 */

/**
 * Which of the runs that a machine can have side by side this is. Each lies in network
 * namespaces of its own, so the same addresses serve all of them.
 */
export const RUN_NAME = Deno.env.get("SPIREFED_E2E_RUN") ?? "";

const PREFIX = ["spirefed", RUN_NAME].filter(Boolean).join("-");

/** All clusters that can be had, by context name; their order gives them their addresses. */
const NAMES: readonly string[] = ["east", "west", "north"];

/** One cluster of one node, and its addresses on the fabric. */
export interface Site {
  /** The kubeconfig context. */
  readonly name: string;
  /** Its trust domain, and the domain of its ingress. */
  readonly trustDomain: string;
  /** The network namespace of its node. */
  readonly namespace: string;
  /** The cgroup, of the same name in every controller, below which its pods lie. */
  readonly cgroup: string;
  /** The node, which is also the API server. */
  readonly address: string;
  readonly podNetwork: string;
  readonly serviceNetwork: string;
  /** The first Service address, `kubernetes.default`. */
  readonly apiService: string;
  readonly dnsService: string;
}

/** The namespace that holds the bridge, the router and whoever talks to the clusters. It has no uplink. */
export const FABRIC = `${PREFIX}-fabric`;

/** The bridge's own address; the DNS server of the fabric answers here. */
export const FABRIC_ADDRESS = "10.89.0.1";

/** Where the stand-in for the OpenShift router listens, for every cluster. */
export const ROUTER_ADDRESS = "10.89.0.80";

/** How many of them are brought up: `SPIREFED_E2E_CLUSTERS=2` on a machine that is too small for all. */
const COUNT = Number(Deno.env.get("SPIREFED_E2E_CLUSTERS") ?? NAMES.length);

/** Every cluster that a run may have made. */
export const ALL_SITES: readonly Site[] = NAMES.map((name, index) => ({
  name,
  trustDomain: `apps.${name}.example`,
  namespace: `${PREFIX}-${name}`,
  cgroup: `${PREFIX}-${name}`,
  address: `10.89.0.${11 + index}`,
  podNetwork: `10.${241 + index}.0.0/24`,
  serviceNetwork: `10.${96 + index}.0.0/16`,
  apiService: `10.${96 + index}.0.1`,
  dnsService: `10.${96 + index}.0.10`,
}));

/** The clusters of this run. */
export const SITES: readonly Site[] = ALL_SITES.slice(0, COUNT);

/** The operator's namespace, a constant in the operator. */
export const OPERATOR_NAMESPACE = "zero-trust-workload-identity-manager";
