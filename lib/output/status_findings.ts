/**
 * A report on a federation as findings, for CI systems: a case a cluster, an operand, a
 * condition.
 *
 * @module
 */
import { fail, type Finding, type Outcome, pass, skip, warn } from "../check/check.ts";
import type { Condition, StatusDirection, StatusReportResult } from "./status_result.ts";

const TITLES: Readonly<Record<Condition["type"], string>> = {
  Declared: "the direction is declared",
  Reconciled: "the controller made it a relationship",
  Managed: "the server follows the peer, from one source",
  Bootstrapped: "a usable bundle of the peer is stored",
  Fresh: "what is stored is kept fresh by the peer's endpoint",
  Symmetric: "the other side declares it too",
  UsedByWorkloads: "workloads receive the peer's bundle",
};

/** Without these nothing breaks: what is not so is no failure. */
const INFORMATION: readonly Condition["type"][] = ["Symmetric", "UsedByWorkloads"];

/** All findings of a report. */
export function statusFindings(report: StatusReportResult): readonly Finding[] {
  return [
    ...report.clusters.flatMap(({ name, problem, operands }) => [
      finding(
        "cluster/answers",
        "the cluster answers",
        name,
        problem === null ? pass() : fail(problem, `oc --context ${name} get --raw /version`),
      ),
      ...operands.map(({ name: operand, state, detail }) =>
        finding(
          `operand/${operand}`,
          `${operand} is ready`,
          name,
          operandOutcome(name, state, detail),
        )
      ),
    ]),
    ...report.items.flatMap((item) =>
      item.conditions.map((condition) =>
        finding(
          `direction/${condition.type}`,
          TITLES[condition.type],
          `${item.from} → ${item.to}`,
          conditionOutcome(item, condition),
        )
      )
    ),
    ...report.warnings.map(({ subject, code, message, remedy }) =>
      finding(code, message, subject, warn(message, remedy))
    ),
  ];
}

function finding(id: string, title: string, subject: string, outcome: Outcome): Finding {
  return { id, title, subject, outcome, because: undefined };
}

function operandOutcome(
  cluster: string,
  state: StatusReportResult["clusters"][number]["operands"][number]["state"],
  detail: string | null,
): Outcome {
  const remedy = `oc spirefed troubleshoot ${cluster} --area operator`;
  switch (state) {
    case "ready":
      return pass(detail ?? undefined);
    case "failed":
      return fail(detail ?? "failed", remedy);
    case "progressing":
      return warn(detail ?? "progressing", remedy);
    case "missing":
      return skip("it is not there");
    case "unknown":
      return skip(detail ?? "unknown");
  }
}

function conditionOutcome(
  { verdict, next }: StatusDirection,
  { type, status, evidence, remedy }: Condition,
): Outcome {
  if (status === "True") return pass(evidence);
  if (INFORMATION.includes(type)) return skip(evidence);
  const command = remedy ?? next ?? "oc spirefed troubleshoot";
  // What is not proven is not trusted, and the exit code says so too.
  if (status === "Unknown") {
    return verdict === "unproven" ? fail(`not proven: ${evidence}`, command) : skip(evidence);
  }
  return fail(evidence, command);
}
