/**
 * What happens to a World as time goes by and needs keys or a controller's hands:
 * certificates are renewed and rotated, the operator makes its passes.
 *
 * @module
 */
import { isServed, ownedDefinitions } from "./definitions.ts";
import { kindAt, storeKey } from "./kinds.ts";
import { OPERATOR_NAMESPACE } from "../manifests/manifest.ts";
import { WorldCluster } from "./in_memory.ts";
import type { KeyRing } from "./mint.ts";
import { type ClusterState, type Instant, withCluster, type X509AuthorityState } from "./model.ts";
import type { Mount } from "./mount.ts";
import { operateOlm } from "./olm.ts";
import { operatorDeployment } from "./operands.ts";
import { operate, type WriteStatus } from "./operator.ts";
import { at } from "./validation.ts";

/** How often the operator looks while something moves. */
const OPERATOR_PACE_MS = 500;

/** Drives a mount's clock. */
export class Clockwork {
  readonly mount: Mount;
  readonly ring: KeyRing;
  /** What the operator saw of each cluster at its latest pass. */
  readonly #seen = new Map<string, string>();
  #running: Promise<void> = Promise.resolve();

  constructor(mount: Mount, ring: KeyRing) {
    this.mount = mount;
    this.ring = ring;
    for (const [name, cluster] of mount.world.clusters) {
      this.#seen.set(name, operandVersions(cluster));
    }
  }

  /** Lets time pass; one call after the other. */
  advance(milliseconds: number): Promise<void> {
    this.#running = this.#running.then(() => this.#advanceTo(this.mount.now + milliseconds));
    return this.#running;
  }

  async #advanceTo(end: Instant): Promise<void> {
    for (;;) {
      await this.#operate();
      await this.#renew();
      const { now } = this.mount;
      if (now >= end) return;
      const pace = this.#busy().length > 0 ? now + OPERATOR_PACE_MS : Infinity;
      const until = Math.max(Math.min(end, pace, nextRenewal(this.mount)), now);
      this.mount.dispatch({ type: "tick", milliseconds: until - now });
    }
  }

  #busy(): readonly ClusterState[] {
    return [...this.mount.world.clusters.values()].filter((cluster) =>
      (cluster.restartingUntil ?? Infinity) < Infinity ||
      this.#seen.get(cluster.name) !== operandVersions(cluster)
    );
  }

  async #operate(): Promise<void> {
    for (const { name } of this.#busy()) {
      const { mount } = this;
      this.#seen.set(name, operandVersions(mount.cluster(name)));
      const cluster = new WorldCluster({ name, cluster: name, mount, system: OPERATOR_NAMESPACE });
      const writeStatus = statusWriter(mount, name);
      await operateOlm(cluster, OPERATOR_NAMESPACE, { release: RELEASE, writeStatus });
      if (isServed(mount.cluster(name), MANAGER)) await operate(cluster, writeStatus);
      await this.#adoptTrustDomain(name);
    }
  }

  /** A server that starts for the first time gets keys for the trust domain it is told. */
  async #adoptTrustDomain(name: string): Promise<void> {
    const cluster = this.mount.cluster(name);
    const key = storeKey(MANAGER.plural, "cluster");
    const told = at(cluster.objects.get(key)?.manifest, "spec.trustDomain");
    if (typeof told !== "string" || told === cluster.trustDomain || cluster.configHash !== "") {
      return;
    }
    this.mount.world = withCluster(this.mount.world, { ...cluster, trustDomain: told });
    const authorities = [await this.ring.authority(told, this.mount.now)];
    this.mount.dispatch({ type: "authorities", cluster: name, authorities });
    await this.issue(name);
  }

  async #renew(): Promise<void> {
    for (const cluster of this.mount.world.clusters.values()) {
      if (renewalOf(cluster) > this.mount.now) continue;
      await this.#rotate(cluster);
      await this.issue(cluster.name);
    }
  }

  /** A CA is prepared at half of the active one's life, and activated at five sixths. */
  async #rotate({ name, trustDomain, spire: { x509Authorities } }: ClusterState): Promise<void> {
    const { now } = this.mount;
    const kept = x509Authorities.filter(({ notAfter }) => notAfter > now);
    const active = kept.find(({ state }) => state === "active");
    const prepared = kept.find(({ state }) => state === "prepared");
    let next: readonly X509AuthorityState[] = kept;
    if (active === undefined || (prepared && now >= dueToActivate(active))) next = activated(kept);
    else if (prepared === undefined && now >= dueToPrepare(active)) {
      next = [...kept, await this.ring.authority(trustDomain, now, "prepared")];
    }
    if (next.length === x509Authorities.length && next === kept) return;
    this.mount.dispatch({ type: "authorities", cluster: name, authorities: next });
  }

  /** Gives a server a new SVID from its active authority. */
  async issue(name: string): Promise<void> {
    const { trustDomain, spire: { x509Authorities } } = this.mount.cluster(name);
    const active = x509Authorities.find(({ state }) => state === "active");
    if (active === undefined) return;
    const id = `spiffe://${trustDomain}/spire/server`;
    const svid = await this.ring.svid(id, active.der, this.mount.now);
    this.mount.dispatch({ type: "svid", cluster: name, ...svid });
  }
}

function activated(authorities: readonly X509AuthorityState[]): readonly X509AuthorityState[] {
  const next = { prepared: "active", active: "old", old: "old" } as const;
  return authorities.map((authority) => ({ ...authority, state: next[authority.state] }));
}

function dueToPrepare({ issuedAt, notAfter }: X509AuthorityState): Instant {
  return issuedAt + (notAfter - issuedAt) / 2;
}

function dueToActivate({ issuedAt, notAfter }: X509AuthorityState): Instant {
  return notAfter - (notAfter - issuedAt) / 6;
}

/** SVIDs are renewed at half of their life, which is also when the CAs are looked at. */
function renewalOf({ spire: { svidIssuedAt, svidNotAfter } }: ClusterState): Instant {
  return svidIssuedAt + (svidNotAfter - svidIssuedAt) / 2;
}

function nextRenewal({ world }: Mount): Instant {
  return Math.min(...[...world.clusters.values()].map(renewalOf));
}

/** What the operator and OLM react to, as one text; objects are values, so it is made once. */
function operandVersions({ objects }: ClusterState): string {
  const known = versions.get(objects);
  if (known !== undefined) return known;
  const made = [...objects].filter(([key]) => WATCHED.has(key.slice(0, key.indexOf("/"))))
    .map(([key, { manifest }]) => `${key}@${manifest.metadata.resourceVersion}`).join();
  versions.set(objects, made);
  return made;
}

const versions = new WeakMap<ClusterState["objects"], string>();

const WATCHED = new Set([
  "subscriptions",
  "installplans",
  "clusterserviceversions",
  "operatorgroups",
  "catalogsources",
  "customresourcedefinitions",
  "zerotrustworkloadidentitymanagers",
  "spireservers",
  "spireagents",
  "spiffecsidrivers",
  "spireoidcdiscoveryproviders",
  "configmaps",
  "statefulsets",
  "daemonsets",
  "deployments",
  "routes",
]);

const RELEASE = { definitions: ownedDefinitions(), deployment: operatorDeployment };

const MANAGER = {
  group: "operator.openshift.io",
  version: "v1alpha1",
  kind: "ZeroTrustWorkloadIdentityManager",
  plural: "zerotrustworkloadidentitymanagers",
  namespaced: false,
} as const;

function statusWriter(mount: Mount, cluster: string): WriteStatus {
  return ({ resource, name, namespace }, status) => {
    const [group = "", version = ""] = resource.apiVersion.split("/");
    const kind = kindAt(group, version, resource.plural);
    if (kind === undefined) throw new Error(`no practice cluster has ${resource.plural}`);
    mount.dispatch({
      type: "write",
      cluster,
      system: true,
      write: {
        verb: "patch",
        place: { kind, name, namespace },
        patch: { type: "merge", body: { status } },
        mode: { manager: OPERATOR_NAMESPACE, status: true },
      },
    });
    return Promise.resolve();
  };
}
