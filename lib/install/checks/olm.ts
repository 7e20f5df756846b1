/**
 * Checks of OLM: can the operator be had, and how far did it get.
 *
 * @module
 */
import { type Check, fail, type Outcome, pass, skip, warn } from "../../check/check.ts";
import { COPIED_FROM } from "../../../manifests/cluster_service_version.ts";
import { OPERATOR_NAMESPACE } from "../../../manifests/manifest.ts";
import {
  CREATE_ONLY_MODE,
  environmentOf,
  OPERATOR_PACKAGE,
  type Subscription,
} from "../../../manifests/subscription.ts";
import { DEFAULT_SOURCE } from "../facts.ts";
import { judgeOlm } from "../olm_progress.ts";
import { podIllness } from "../operand_health.ts";
import { itemsOf, valueOf } from "../reading.ts";
import { OPERATOR_DEPLOYMENT } from "../stack.ts";
import { ofSeen, type Seen, type Subject, whenRead } from "../subject.ts";

/** All of them. */
export const OLM_CHECKS: readonly Check<Subject>[] = [
  ofSeen({
    id: "olm/catalog",
    title: "the catalog with the operator is ready",
    judge: (seen) =>
      whenRead(seen.facts.catalog, (found) => {
        const { source = DEFAULT_SOURCE, sourceNamespace = "openshift-marketplace" } =
          seen.settings;
        const state = found?.status?.connectionState?.lastObservedState;
        if (state === "READY") return pass(source);
        const at = `oc --context ${seen.cluster}`;
        return milder(seen)(
          found === undefined
            ? `there is no CatalogSource ${source}: it is disabled, or the cluster is disconnected`
            : `CatalogSource ${source} is ${state ?? "not connected yet"}`,
          found === undefined
            ? `${at} get catalogsources -A, then oc spirefed install ${seen.cluster} --source NAME; or enable it: ${at} patch operatorhub cluster --type merge -p '{"spec":{"sources":[{"name":"${source}","disabled":false}]}}'`
            : `${at} -n ${sourceNamespace} get pods -l olm.catalogSource=${source}`,
        );
      }),
  }),
  ofSeen({
    id: "olm/package",
    title: "the catalog offers the operator",
    requires: ["olm/catalog"],
    judge: (seen) =>
      whenRead(
        seen.facts.offer,
        (found) =>
          found !== undefined ? pass(OPERATOR_PACKAGE) : milder(seen)(
            `${seen.settings.source ?? DEFAULT_SOURCE} has no package ${OPERATOR_PACKAGE}`,
            `oc --context ${seen.cluster} get packagemanifests -A | grep zero-trust; then oc spirefed install ${seen.cluster} --source NAME`,
          ),
      ),
  }),
  ofSeen({
    id: "olm/channel",
    title: "the channel and the version wanted exist",
    requires: ["olm/package"],
    judge: judgeChannel,
  }),
  ofSeen({
    id: "olm/operator-group",
    title: "the operator's namespace has at most one OperatorGroup, of a kind the operator can",
    judge: ({ facts, cluster }) =>
      whenRead(facts.groups, (found) => {
        const groups = found?.items ?? [];
        const names = groups.map(({ metadata }) => metadata.name);
        if (groups.length > 1) {
          return fail(
            `${OPERATOR_NAMESPACE} has ${groups.length} OperatorGroups (${
              names.join(", ")
            }): OLM installs nothing there (TooManyOperatorGroups)`,
            `keep the one that its operators were installed with: oc --context ${cluster} -n ${OPERATOR_NAMESPACE} delete operatorgroup ${
              names.at(-1)
            }`,
          );
        }
        const targets = groups[0]?.spec.targetNamespaces ?? [];
        if (targets.length > 1) {
          return fail(
            `OperatorGroup/${names[0]} serves ${
              targets.join(", ")
            }, and the operator cannot serve several chosen namespaces (UnsupportedOperatorGroup)`,
            `oc --context ${cluster} -n ${OPERATOR_NAMESPACE} patch operatorgroup ${
              names[0]
            } --type json -p '[{"op":"remove","path":"/spec/targetNamespaces"}]'`,
          );
        }
        return pass(names[0] ?? "install makes one");
      }),
  }),
  ofSeen({
    id: "olm/install",
    title: "an installation that was begun goes on",
    requires: ["olm/operator-group"],
    judge: judgeInstall,
  }),
  ofSeen({
    id: "operator/running",
    title: "the operator itself runs",
    requires: ["olm/install"],
    judge: ({ facts, cluster }) =>
      whenRead(facts.operator, (found) => {
        if (found === undefined) return skip("the operator is not installed yet");
        if (found.status.availableReplicas > 0) return pass();
        const ill = podIllness(OPERATOR_DEPLOYMENT, facts);
        return fail(
          ill?.detail ?? `Deployment/${OPERATOR_DEPLOYMENT} has no pod that is ready`,
          ill?.remedy ??
            `oc --context ${cluster} -n ${OPERATOR_NAMESPACE} describe deployment ${OPERATOR_DEPLOYMENT}`,
        );
      }),
  }),
  ofSeen({
    id: "operator/create-only",
    title: "the operator may change what it made",
    judge: ({ facts, cluster }) => {
      const held = subscriptionIn(facts);
      if (held === undefined || environmentOf(held, CREATE_ONLY_MODE) !== "true") return pass();
      return fail(
        `${CREATE_ONLY_MODE} is set in Subscription/${held.metadata.name}: changes of SpireServer, its bundle endpoint among them, are accepted and never made`,
        `oc --context ${cluster} -n ${OPERATOR_NAMESPACE} edit subscription ${held.metadata.name}, and take ${CREATE_ONLY_MODE} out of spec.config.env`,
      );
    },
  }),
];

function subscriptionIn(facts: Pick<Seen["facts"], "subscriptions">): Subscription | undefined {
  return itemsOf(facts.subscriptions).find(({ spec }) => spec.name === OPERATOR_PACKAGE);
}

/** Where the operator runs already, a catalog only matters for updates. */
function milder({ facts }: Seen): (detail: string, remedy: string) => Outcome {
  const runs = itemsOf(facts.versions).some(({ status }) => status.phase === "Succeeded");
  return runs ? (detail, remedy) => warn(`${detail}; the operator gets no updates`, remedy) : fail;
}

function judgeChannel(seen: Seen): Outcome {
  const { facts, settings, cluster, wanted } = seen;
  const channels = valueOf(facts.offer)?.status.channels ?? [];
  const name = settings.channel ?? wanted?.channel ?? "stable-v1";
  const found = channels.find((one) => one.name === name);
  if (found === undefined) {
    const there = channels.map((one) => one.name);
    return milder(seen)(
      `the package has no channel ${name} (there ${there.length === 1 ? "is" : "are"} ${
        there.join(", ") || "none"
      })`,
      `oc spirefed install ${cluster} --channel ${there[0] ?? "stable-v1"}`,
    );
  }
  const { startingCSV } = settings;
  if (startingCSV === undefined || found.entries.some((entry) => entry.name === startingCSV)) {
    return pass(`${name}: ${startingCSV ?? found.currentCSV}`);
  }
  const offered = found.entries.map((entry) => entry.name);
  return fail(
    `channel ${name} has no version ${startingCSV} (there are ${offered.join(", ")})`,
    `oc spirefed install ${cluster} --starting-csv ${offered[0] ?? found.currentCSV}`,
  );
}

function judgeInstall({ facts, cluster, settings }: Seen): Outcome {
  const subscriptions = itemsOf(facts.subscriptions).filter(({ spec }) =>
    spec.name === OPERATOR_PACKAGE
  );
  if (facts.subscriptions.state === "unreadable") return skip(facts.subscriptions.why);
  const [subscription, second] = subscriptions;
  if (second !== undefined) {
    return fail(
      `two Subscriptions ask for the operator: ${
        subscriptions.map(({ metadata }) => metadata.name).join(", ")
      }`,
      `oc --context ${cluster} -n ${OPERATOR_NAMESPACE} delete subscription ${second.metadata.name}`,
    );
  }
  if (subscription === undefined) return withoutSubscription(facts, cluster);
  const progress = judgeOlm({
    cluster,
    subscription,
    plans: itemsOf(facts.plans),
    versions: itemsOf(facts.versions),
  });
  switch (progress.state) {
    case "done":
      return pass(progress.csv);
    case "waiting":
      return pass(`under way: waiting for ${progress.for}`);
    case "approval":
      return settings.approval === "manual"
        ? pass(`install approves ${progress.plan.metadata.name}`)
        : fail(
          `InstallPlan/${progress.plan.metadata.name} waits for approval (the Subscription says Manual)`,
          `oc spirefed install ${cluster} --approval manual, which approves this plan only`,
        );
    case "failed":
      return fail(progress.reason, progress.remedy);
  }
}

/** A version without a Subscription came by hand, or its Subscription was deleted. */
function withoutSubscription(facts: Seen["facts"], cluster: string): Outcome {
  const orphan = itemsOf(facts.versions).find(({ metadata }) =>
    metadata.name.startsWith("zero-trust-workload-identity-manager.") &&
    metadata.labels?.[COPIED_FROM] === undefined
  );
  if (orphan === undefined) return skip("the operator is not installed yet");
  return fail(
    `${orphan.metadata.name} is installed, and no Subscription stands for it: OLM will not resolve a new one beside it`,
    `oc --context ${cluster} -n ${OPERATOR_NAMESPACE} delete csv ${orphan.metadata.name} (operands and their data stay)`,
  );
}
