/**
 * Whether workloads get their identities, and with them the bundles of peers.
 *
 * @module
 */
import { type Check, fail, type Outcome, pass, skip, warn } from "../../check/check.ts";
import { printable } from "../../output/printable.ts";
import type { Observation } from "../facts/facts.ts";
import { at } from "../facts/observation.ts";
import type { ClusterView } from "../facts/view.ts";
import { logLine } from "./log_lines.ts";

function stat({ kept }: Observation, name: string): number {
  const value = at(kept, "status", "stats", name);
  return typeof value === "number" ? value : 0;
}

function minded(view: ClusterView): readonly Observation[] {
  return view.objects("spiffeIds").filter(({ kept }) =>
    at(kept, "spec", "className") === view.className
  );
}

function federatesWith({ kept }: Observation): readonly string[] {
  const peers = at(kept, "spec", "federatesWith");
  return Array.isArray(peers) ? peers.map(String) : [];
}

function names(objects: readonly Observation[]): string {
  return objects.slice(0, 5).map(({ name }) => printable(name, 80)).join(", ");
}

function describe(view: ClusterView, [first]: readonly Observation[]): string {
  return `oc --context ${view.name} get clusterspiffeid ${first?.name ?? ""} -o yaml`;
}

/** A check over the ClusterSPIFFEIDs that cannot be answered where they may not be read. */
function over(view: ClusterView, judge: () => Outcome): Outcome {
  const section = view.facts.objects["spiffeIds"];
  return section?.state === "unread" ? skip(section.why) : judge();
}

/** From the object to the entry. */
export const WORKLOAD_CHECKS: readonly Check<ClusterView>[] = [
  {
    id: "spiffeid/class",
    title: "every ClusterSPIFFEID is of a class that some controller minds",
    after: ["stack/created"],
    judge: (view) =>
      over(view, () => {
        const ignored = view.objects("spiffeIds").filter(({ kept }) => {
          const className = at(kept, "spec", "className");
          return className === undefined || className === "";
        });
        return ignored.length === 0 ? pass() : fail(
          `${names(ignored)}: no className, so the controller ignores it without a word`,
          `oc --context ${view.name} patch clusterspiffeid ${
            ignored[0]?.name
          } --type merge -p '{"spec":{"className":"${view.className}"}}'`,
        );
      }),
  },
  {
    id: "spiffeid/bundles",
    title: "the bundles that entries ask for are stored",
    after: ["stack/created", "server/running"],
    judge: (view) =>
      over(view, () => {
        const failing = minded(view).filter((one) => stat(one, "entryFailures") > 0);
        const missing = [
          ...new Set(
            failing.flatMap(federatesWith).filter((name) => view.stored(name).state === "absent"),
          ),
        ];
        const line = logLine(view, "spire-server", /unable to find federated bundle/);
        if (failing.length === 0 || (missing.length === 0 && line === undefined)) return pass();
        return fail(
          `${names(failing)} federates with ${
            missing.map((one) => printable(one, 100)).join(", ") || "a trust domain"
          }, whose bundle is not stored: new pods get no identity at all`,
          missing.length === 0
            ? describe(view, failing)
            : `oc spirefed troubleshoot ${view.name} --area federation   # seed the bundle, or take ${
              missing[0]
            } out of federatesWith`,
        );
      }),
  },
  {
    id: "spiffeid/entries",
    title: "SPIRE takes every entry",
    after: ["spiffeid/bundles"],
    judge: (view) =>
      over(view, () => {
        const failing = minded(view).filter((one) => stat(one, "entryFailures") > 0);
        return failing.length === 0 ? pass() : fail(
          `${names(failing)}: ${
            stat(failing[0] as Observation, "entryFailures")
          } entries are refused`,
          `oc --context ${view.name} -n zero-trust-workload-identity-manager logs spire-server-0 -c spire-controller-manager`,
        );
      }),
  },
  {
    id: "spiffeid/template",
    title: "SPIFFE IDs can be made for all pods",
    after: ["stack/created"],
    judge: (view) =>
      over(view, () => {
        const failing = minded(view).filter((one) => stat(one, "podEntryRenderFailures") > 0);
        return failing.length === 0 ? pass() : fail(
          `${names(failing)}: the template fails for ${
            stat(failing[0] as Observation, "podEntryRenderFailures")
          } pods, or names another trust domain`,
          `oc --context ${view.name} edit clusterspiffeid ${failing[0]?.name}`,
        );
      }),
  },
  {
    id: "spiffeid/masked",
    title: "no two ClusterSPIFFEIDs make one entry",
    after: ["stack/created"],
    judge: (view) =>
      over(view, () => {
        const masked = minded(view).filter((one) => stat(one, "entriesMasked") > 0);
        return masked.length === 0 ? pass() : warn(
          `${names(masked)}: ${
            stat(masked[0] as Observation, "entriesMasked")
          } entries are hidden by an older object that makes the same`,
          `oc --context ${view.name} get clusterspiffeids   # delete one, or make their templates differ`,
        );
      }),
  },
  {
    id: "spiffeid/namespaces",
    title: "no namespace that is meant is ignored",
    after: ["stack/created"],
    judge: (view) =>
      over(view, () => {
        const ignored = minded(view).filter((one) =>
          at(one.kept, "spec", "fallback") !== true && stat(one, "namespacesIgnored") > 0 &&
          stat(one, "namespacesSelected") - stat(one, "namespacesIgnored") <= 0
        );
        return ignored.length === 0 ? pass() : fail(
          `${
            names(ignored)
          }: every namespace it selects is ignored; any whose name holds "openshift" or "kube-" is`,
          "give the namespace another name",
        );
      }),
  },
  {
    id: "spiffeid/selection",
    title: "every ClusterSPIFFEID that federates selects a pod",
    after: ["spiffeid/namespaces"],
    judge: (view) =>
      over(view, () => {
        const idle = minded(view).filter((one) =>
          federatesWith(one).length > 0 && at(one.kept, "status", "stats") !== undefined &&
          stat(one, "podsSelected") === 0
        );
        return idle.length === 0 ? pass() : warn(
          `${
            names(idle)
          }: no pod is selected; pods meant by it get the fallback's identity, with no peer's bundle`,
          `${describe(view, idle)}   # compare its selectors with the labels of pod and namespace`,
        );
      }),
  },
];
