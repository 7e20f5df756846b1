/**
 * Stands in for OLM: a Subscription becomes an InstallPlan, an approved InstallPlan
 * becomes definitions and a ClusterServiceVersion, and that one its Deployment, with the
 * documented conditions, reasons and failures. One step a pass, so that there is something
 * to wait for.
 *
 * It sees a cluster only through its port, so the same code serves the World and a real
 * API server with OLM's own definitions.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Cluster } from "../lib/cluster/cluster.ts";
import { CATALOG_SOURCES } from "../manifests/catalog_source.ts";
import {
  CLUSTER_SERVICE_VERSIONS,
  type ClusterServiceVersion,
} from "../manifests/cluster_service_version.ts";
import { CUSTOM_RESOURCE_DEFINITIONS } from "../manifests/custom_resource_definition.ts";
import { INSTALL_PLANS, type InstallPlan } from "../manifests/install_plan.ts";
import type { Manifest } from "../manifests/manifest.ts";
import { OPERATOR_GROUPS } from "../manifests/operator_group.ts";
import { PACKAGE_MANIFESTS } from "../manifests/package_manifest.ts";
import { type Subscription, SUBSCRIPTIONS } from "../manifests/subscription.ts";
import { DEPLOYMENTS } from "../manifests/workload_controllers.ts";
import type { WriteStatus } from "./operator.ts";

/** What comes with the operator. */
export interface Release {
  readonly definitions: readonly Manifest[];
  /** The Deployment of the operator, in a namespace. */
  readonly deployment: (namespace: string) => Manifest;
}

/** On a CatalogSource: its bundle images cannot be pulled (practice only). */
export const UNPULLABLE = "spirefed-practice/bundles-unpullable";

/** A condition of a Subscription. */
interface Condition {
  readonly type: string;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

/** One pass over the Subscriptions of a namespace. */
export async function operateOlm(
  cluster: Cluster,
  namespace: string,
  { release, writeStatus }: { readonly release: Release; readonly writeStatus: WriteStatus },
): Promise<void> {
  const olm = new Olm(cluster, namespace, release, writeStatus);
  const { items } = await cluster.list(SUBSCRIPTIONS, { namespace });
  for (const subscription of items) await olm.fulfil(subscription);
}

class Olm {
  readonly #cluster: Cluster;
  readonly #at: { readonly namespace: string };
  readonly #release: Release;
  readonly #writeStatus: WriteStatus;

  constructor(cluster: Cluster, namespace: string, release: Release, writeStatus: WriteStatus) {
    this.#cluster = cluster;
    this.#at = { namespace };
    this.#release = release;
    this.#writeStatus = writeStatus;
  }

  async fulfil(subscription: Subscription): Promise<void> {
    const found = await this.#resolve(subscription);
    if ("type" in found) return await this.#say(subscription, { conditions: [found] });
    const plan = await this.#planFor(subscription, found.csv);
    if (plan === undefined) return;
    if (!plan.spec.approved) return await this.#awaitApproval(subscription, plan, found.csv);
    if (plan.status.phase === "Failed") return;
    if (await this.#unpullable(subscription)) return await this.#failUnpack(subscription, plan);
    if (plan.status.phase !== "Complete") return await this.#carryOut(plan, found.csv);
    const csv = await this.#cluster.get(CLUSTER_SERVICE_VERSIONS, found.csv, this.#at);
    // One that somebody deleted is not made again: OLM takes its plan for done.
    if (csv === undefined) return;
    await this.#progress(csv);
    const done = csv.status.phase === "Succeeded";
    await this.#say(subscription, {
      state: done ? "AtLatestKnown" : "UpgradePending",
      currentCSV: found.csv,
      ...(done ? { installedCSV: found.csv } : {}),
      conditions: [HEALTHY],
    });
  }

  /** Which version the Subscription stands for, or the condition that says why none. */
  async #resolve({ spec }: Subscription): Promise<{ readonly csv: string } | Condition> {
    const { source, sourceNamespace, name, channel, startingCSV } = spec;
    const catalog = await this.#cluster.get(CATALOG_SOURCES, source, {
      namespace: sourceNamespace,
    });
    if (catalog?.status?.connectionState?.lastObservedState !== "READY") {
      return {
        type: "CatalogSourcesUnhealthy",
        status: "True",
        reason: catalog === undefined ? "NoCatalogSourcesFound" : "UnhealthyCatalogSourceFound",
        message: `targeted catalogsource ${sourceNamespace}/${source} ${
          catalog === undefined ? "missing" : "unhealthy"
        }`,
      };
    }
    const offers = await this.#cluster.list(PACKAGE_MANIFESTS, { namespace: sourceNamespace });
    const offer = offers.items.find(({ status }) =>
      status.packageName === name && status.catalogSource === source
    );
    if (offer === undefined) return unsatisfiable(`package ${name} in the catalog`, spec);
    const sold = offer.status.channels.find((one) =>
      one.name === (channel ?? offer.status.defaultChannel)
    );
    if (sold === undefined) return unsatisfiable(`channel ${channel} of package ${name}`, spec);
    const csv = startingCSV || sold.currentCSV;
    return sold.entries.some((entry) => entry.name === csv)
      ? { csv }
      : unsatisfiable(`name ${csv} in channel ${sold.name} of package ${name}`, spec);
  }

  async #planFor(subscription: Subscription, csv: string): Promise<InstallPlan | undefined> {
    const { metadata, spec, status } = subscription;
    const name = `install-${short(`${metadata.uid} ${csv}`)}`;
    const held = await this.#cluster.get(
      INSTALL_PLANS,
      status.installPlanRef?.name ?? name,
      this.#at,
    );
    if (held !== undefined) return held;
    await this.#cluster.create({
      apiVersion: INSTALL_PLANS.apiVersion,
      kind: INSTALL_PLANS.kind,
      metadata: { name, ...this.#at, ...ownedBy(subscription) },
      spec: {
        approval: spec.installPlanApproval,
        approved: spec.installPlanApproval === "Automatic",
        clusterServiceVersionNames: [csv],
        generation: 1,
      },
    });
    await this.#say(subscription, {
      state: "UpgradePending",
      currentCSV: csv,
      installPlanRef: { ...this.#at, name, kind: INSTALL_PLANS.kind },
      conditions: [HEALTHY],
    });
    return undefined;
  }

  async #awaitApproval(subscription: Subscription, plan: InstallPlan, csv: string): Promise<void> {
    await this.#sayPlan(plan, { phase: "RequiresApproval" });
    await this.#say(subscription, {
      state: "UpgradePending",
      currentCSV: csv,
      installPlanRef: { ...this.#at, name: plan.metadata.name, kind: INSTALL_PLANS.kind },
      conditions: [HEALTHY, {
        type: "InstallPlanPending",
        status: "True",
        reason: "RequiresApproval",
        message: "",
      }],
    });
  }

  async #unpullable({ spec }: Subscription): Promise<boolean> {
    const catalog = await this.#cluster.get(CATALOG_SOURCES, spec.source, {
      namespace: spec.sourceNamespace,
    });
    return catalog?.metadata.annotations?.[UNPULLABLE] !== undefined;
  }

  async #failUnpack(subscription: Subscription, plan: InstallPlan): Promise<void> {
    const message =
      "bundle unpacking failed. Reason: DeadlineExceeded, and Message: Job was active longer than specified deadline";
    await this.#sayPlan(plan, {
      phase: "Failed",
      conditions: [{ type: "Installed", status: "False", reason: "BundleUnpackFailed", message }],
    });
    await this.#say(subscription, {
      conditions: [
        { type: "BundleUnpackFailed", status: "True", reason: "BundleUnpackFailed", message },
        { type: "InstallPlanFailed", status: "True", reason: "InstallComponentFailed", message },
      ],
    });
  }

  /** Definitions first; a pass later the version, whose objects need them. */
  async #carryOut(plan: InstallPlan, csv: string): Promise<void> {
    if (plan.status.phase !== "Installing") {
      return await this.#sayPlan(plan, { phase: "Installing" });
    }
    for (const definition of this.#release.definitions) {
      const { name } = definition.metadata;
      const held = await this.#cluster.get(CUSTOM_RESOURCE_DEFINITIONS, name);
      if (held === undefined) await this.#cluster.create(definition);
    }
    if (await this.#cluster.get(CLUSTER_SERVICE_VERSIONS, csv, this.#at) === undefined) {
      await this.#cluster.create(versionObject(csv, this.#at));
    }
    const installed = { type: "Installed", status: "True", reason: "", message: "" };
    await this.#sayPlan(plan, { phase: "Complete", conditions: [installed] });
  }

  async #progress(csv: ClusterServiceVersion): Promise<void> {
    const groupProblem = await this.#groupProblem();
    if (groupProblem !== undefined) return await this.#sayCsv(csv, "Failed", ...groupProblem);
    const deployment = this.#release.deployment(this.#at.namespace);
    const { name } = deployment.metadata;
    const held = await this.#cluster.get(DEPLOYMENTS, name, this.#at);
    switch (csv.status.phase) {
      case "":
        return await this.#sayCsv(
          csv,
          "Pending",
          "RequirementsUnknown",
          "requirements not yet checked",
        );
      case "Pending":
      case "Failed":
        return await this.#sayCsv(
          csv,
          "InstallReady",
          "AllRequirementsMet",
          "all requirements found",
        );
    }
    if (held === undefined) {
      await this.#cluster.create({
        ...deployment,
        metadata: { ...deployment.metadata, ...ownedBy(csv) },
      });
    }
    if (held !== undefined && held.status.availableReplicas > 0) {
      return await this.#sayCsv(csv, "Succeeded", "InstallSucceeded", "install strategy completed");
    }
    await this.#sayCsv(
      csv,
      "Installing",
      "InstallWaiting",
      `installing: waiting for deployment ${name} to become ready: deployment "${name}" not available: Deployment does not have minimum availability.`,
    );
  }

  async #groupProblem(): Promise<readonly [string, string] | undefined> {
    const { items } = await this.#cluster.list(OPERATOR_GROUPS, this.#at);
    const [group] = items;
    if (group === undefined) return ["NoOperatorGroup", "csv in namespace with no operatorgroups"];
    if (items.length > 1) {
      return [
        "TooManyOperatorGroups",
        "csv created in namespace with multiple operatorgroups, can't pick one automatically",
      ];
    }
    if (group.spec.targetNamespaces.length > 1) {
      return [
        "UnsupportedOperatorGroup",
        "MultiNamespace InstallModeType not supported, cannot configure to watch 2 namespaces",
      ];
    }
    return undefined;
  }

  async #say(subscription: Subscription, status: Readonly<Record<string, unknown>>): Promise<void> {
    const { name, creationTimestamp: lastUpdated } = subscription.metadata;
    // Its own definition demands a time; one that moved would make each pass a change.
    await this.#writeStatus({ resource: SUBSCRIPTIONS, name, ...this.#at }, {
      lastUpdated,
      ...status,
    });
  }

  async #sayPlan(plan: InstallPlan, status: Readonly<Record<string, unknown>>): Promise<void> {
    const { name } = plan.metadata;
    // Its own definition demands the list.
    await this.#writeStatus({ resource: INSTALL_PLANS, name, ...this.#at }, {
      catalogSources: [],
      ...status,
    });
  }

  async #sayCsv(
    csv: ClusterServiceVersion,
    phase: string,
    reason: string,
    message: string,
  ): Promise<void> {
    const { name } = csv.metadata;
    const target = { resource: CLUSTER_SERVICE_VERSIONS, name, ...this.#at };
    await this.#writeStatus(target, { phase, reason, message });
  }
}

const HEALTHY: Condition = {
  type: "CatalogSourcesUnhealthy",
  status: "False",
  reason: "AllCatalogSourcesHealthy",
  message: "all available catalogsources are healthy",
};

function unsatisfiable(
  what: string,
  { source, name }: Pick<Subscription["spec"], "source" | "name">,
): Condition {
  return {
    type: "ResolutionFailed",
    status: "True",
    reason: "ConstraintsNotSatisfiable",
    message:
      `constraints not satisfiable: no operators found with ${what} in the catalog referenced by subscription ${name} (${source})`,
  };
}

function versionObject(name: string, at: { readonly namespace: string }): Manifest {
  return {
    apiVersion: CLUSTER_SERVICE_VERSIONS.apiVersion,
    kind: CLUSTER_SERVICE_VERSIONS.kind,
    metadata: { name, ...at },
    spec: {
      displayName: "Zero Trust Workload Identity Manager",
      version: name.replace(/^.*\.v(?=\d)/, ""),
      install: { strategy: "deployment", spec: { deployments: [] } },
    },
  };
}

/** Whatever has an owner goes with it. */
function ownedBy(
  { apiVersion, kind, metadata: { name, uid } }: Pick<Manifest, "apiVersion" | "kind" | "metadata">,
): object {
  return { ownerReferences: [{ apiVersion, kind, name, uid }] };
}

function short(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 5);
}
