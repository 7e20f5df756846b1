/**
 * Whether what the operator made of its objects runs.
 *
 * @module
 */
import { type Check, fail, pass } from "../../check/check.ts";
import type { ClusterView } from "../facts/view.ts";
import { operandsOf } from "../status/operands.ts";
import { NODE_CHECKS } from "./node_checks.ts";
import { oc } from "./operand_words.ts";
import { SERVER_CHECKS } from "./server_checks.ts";

/** All of them, and last the operator's own verdict. */
export const OPERAND_CHECKS: readonly Check<ClusterView>[] = [
  ...SERVER_CHECKS,
  ...NODE_CHECKS,
  {
    id: "operands/ready",
    title: "the operator calls its operands ready",
    after: [
      "operator/rollout",
      "server/running",
      "agent/running",
      "csi/running",
      "csi/volume-profile",
      "route/admitted",
    ],
    judge: (view) => {
      const failed = operandsOf(view).filter(({ state }) => state === "failed");
      const [first] = failed.filter(({ name }) => !name.startsWith("ZeroTrust")).concat(failed);
      if (first === undefined) return pass();
      const kind = first.name.split("/")[0]?.toLowerCase() ?? "";
      return fail(
        `${first.name}: ${first.detail ?? "failed"}`,
        oc(view, `describe ${kind} ${first.name.split("/")[1] ?? ""}`),
      );
    },
  },
];
