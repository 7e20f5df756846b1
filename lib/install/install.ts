/**
 * `install`: an operator, a stack and a bundle endpoint on each cluster named.
 *
 * look → plan → try → show → ask → write and wait, cluster by cluster side by side.
 * Nothing is written before every cluster has answered and nothing stands in the way on
 * any of them. A re-run goes on from what is there, and writes nothing when all is.
 *
 * @module
 */
import type { Context } from "../context.ts";
import { type FailureKind, SpirefedError } from "../errors.ts";
import { allSideBySide, sideBySide, throwTogether } from "../federation/side_by_side.ts";
import { LiveLines } from "../output/live_lines.ts";
import type { InstallCluster, InstallResult } from "../output/change_result.ts";
import type { ManifestsResult } from "../output/result.ts";
import { renderInstallPlan } from "../output/text/install.ts";
import { consent } from "../plan/consent.ts";
import { plannedChange } from "../plan/planned_change.ts";
import { lookAt } from "./look.ts";
import { installOperator } from "./operator_phase.ts";
import { type InstallPlan, planInstall, stackWanted } from "./plan.ts";
import { type InstallRequest, phase, type Site } from "./request.ts";
import { installStack, proveEndpoint } from "./stack_phase.ts";
import { rehearseAll } from "./write.ts";

/** What `install` answers, and the failure that its answer stands for. */
export interface InstallAnswer {
  readonly result: InstallResult | ManifestsResult;
  readonly failure: FailureKind | undefined;
}

/**
 * Installs.
 *
 * @throws {SpirefedError} while nothing has been written; afterwards what stands is
 * answered, cluster by cluster.
 */
export async function install(request: InstallRequest, context: Context): Promise<InstallAnswer> {
  const started = context.now().getTime();
  const lines = new LiveLines(context, request.names);
  for (const name of request.names) lines.waitingFor(name, "its answers");
  const opened = await lookAt(request, context).finally(() => lines.clear());
  const plans = await allSideBySide(opened, ({ subject }) =>
    // Async, so that what one cluster refuses does not hide what the others do.
    Promise.resolve().then(() => planInstall(subject, request)));
  const looked = context.now().getTime() - started;
  if (request.manifestsOnly) return { result: manifestsOf(plans), failure: undefined };
  const sites = plans.map((plan, at): Omit<Site, "wrote"> => {
    const { cluster } = opened[at] ?? {};
    if (cluster === undefined) throw new Error(`${plan.cluster} was not opened`);
    return { cluster, plan, request, context, lines, timings: new Map() };
  });
  await rehearse(sites);
  const planned = resultOf(plans, plans.map(plannedCluster), { look: looked });
  if (request.dryRun) return { result: planned, failure: undefined };
  context.stderr(renderInstallPlan(planned, context.terminal.columns));
  await consent(plans.flatMap(({ stack }) => stack), {
    yes: request.yes,
    ask: context.ask,
    stderr: context.stderr,
  });
  return await carryOut(sites, plans, { look: looked });
}

/** What can be tried before anything is there: namespaces and definitions come first. */
async function rehearse(sites: readonly Omit<Site, "wrote">[]): Promise<void> {
  await allSideBySide(sites, async ({ cluster, plan: { operator, stack, facts } }) => {
    const homeless = facts.namespace.state !== "read";
    await rehearseAll(
      cluster,
      operator.filter(({ manifest }) => !homeless || manifest.metadata.namespace === undefined),
    );
    const defined = [...facts.definitions.values()].every(({ state }) => state === "read");
    if (defined) await rehearseAll(cluster, stack);
  });
}

async function carryOut(
  sites: readonly Omit<Site, "wrote">[],
  plans: readonly InstallPlan[],
  timings: Readonly<Record<string, number>>,
): Promise<InstallAnswer> {
  const [first] = sites;
  if (first === undefined) throw new Error("no cluster was named");
  const { context, lines } = first;
  const started = context.now().getTime();
  let writes = 0;
  const wrote = (): void => void (writes += 1);
  const outcomes = await sideBySide(sites, (site) => installOne({ ...site, wrote }));
  lines.clear();
  const failures = outcomes.flatMap((outcome) => outcome.ok ? [] : [outcome.error]);
  if (writes === 0 && !context.signal.aborted) throwTogether(failures);
  const clusters = outcomes.map((outcome, at): InstallCluster => {
    const plan = plans[at] as InstallPlan;
    const spent = Object.fromEntries(sites[at]?.timings ?? []);
    return outcome.ok
      ? { ...outcome.value, timings: spent }
      : { ...failedCluster(plan, outcome.error), timings: spent };
  });
  const result = resultOf(plans, clusters, {
    ...timings,
    install: context.now().getTime() - started,
  });
  return { result, failure: failureOf(context.signal, failures) };
}

function failureOf(
  signal: AbortSignal,
  failures: readonly SpirefedError[],
): FailureKind | undefined {
  if (signal.aborted) {
    const stopped: unknown = signal.reason;
    return stopped instanceof SpirefedError ? stopped.kind : "interrupted";
  }
  return failures.length > 0 ? "partial" : undefined;
}

async function installOne(site: Site): Promise<InstallCluster> {
  const { plan, lines } = site;
  const { parts, cluster } = plan;
  const version = parts.includes("operator")
    ? await phase(site, "operator", () => installOperator(site))
    : null;
  const stacked = parts.includes("stack") || parts.includes("endpoint");
  if (stacked) await phase(site, "stack", () => installStack(site));
  const endpoint = parts.includes("endpoint")
    ? await phase(site, "endpoint", () => proveEndpoint(site))
    : undefined;
  const changes = plan.operator.length + plan.stack.length;
  lines.say(cluster, changes === 0 ? "is as it is to be" : "is ready");
  return {
    ...plannedCluster(plan),
    version,
    state: changes === 0 ? "unchanged" : "ready",
    endpoint: endpoint?.url ?? null,
  };
}

function plannedCluster({ cluster, facts, wanted }: InstallPlan): InstallCluster {
  return {
    name: cluster,
    server: facts.server,
    trustDomain: wanted.trustDomain,
    version: null,
    state: "planned",
    endpoint: null,
    reason: null,
    next: null,
    timings: {},
  };
}

function failedCluster(plan: InstallPlan, error: SpirefedError): InstallCluster {
  const stopped = error.exitCode >= 124;
  return {
    ...plannedCluster(plan),
    state: stopped ? "unfinished" : "failed",
    reason: stopped ? `${error.message} before it was ready` : error.message,
    next: stopped || error.remedy === undefined
      ? `oc spirefed install ${plan.cluster}, which goes on from what is there`
      : error.remedy,
  };
}

function resultOf(
  plans: readonly InstallPlan[],
  clusters: readonly InstallCluster[],
  timings: Readonly<Record<string, number>>,
): InstallResult {
  const plan = plans.flatMap(({ operator, stack }) => [...operator, ...stack].map(plannedChange));
  return { kind: "InstallResult", clusters, plan, timings };
}

/** Every wanted object, whether it is there or not: a repository holds them all. */
function manifestsOf(plans: readonly InstallPlan[]): ManifestsResult {
  return {
    kind: "Manifests",
    items: plans.flatMap(({ cluster, wanted, parts }) =>
      [...parts.includes("operator") ? wanted.operator : [], ...stackWanted(wanted, parts)].map(
        (object) => ({
          ...object,
          metadata: { ...object.metadata, annotations: { "spirefed/cluster": cluster } },
        }),
      )
    ),
  };
}
