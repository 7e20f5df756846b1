/**
 * Checks of the way to a cluster.
 *
 * @module
 */
import { type Check, fail, pass, warn } from "../../check/check.ts";
import { ofSeen, REACHABLE, type Subject } from "../subject.ts";
import { spell } from "../permissions.ts";

/** Beyond this, certificates that were just issued are not valid yet. */
const SKEW_WARN_SECONDS = 10;
/** Beyond this, nothing is changed by any command. */
const SKEW_FAIL_SECONDS = 5 * 60;

/** API server, TLS, clock, permissions, identity. */
export const API_CHECKS: readonly Check<Subject>[] = [
  {
    id: REACHABLE,
    title: "its API server answers and accepts the credentials",
    judge: ({ looked: { cluster, facts, failure } }) =>
      facts !== undefined
        ? pass(facts.server)
        : fail(failure.message, failure.remedy ?? `oc --context ${cluster} whoami`),
  },
  ofSeen({
    id: "api/verified",
    title: "its API server's certificate is verified",
    judge: ({ facts }) =>
      facts.insecure
        ? fail(
          `the kubeconfig switches TLS verification off for ${facts.server}: no bundle is read or written over it`,
          "give the cluster its certificate-authority in the kubeconfig, without insecure-skip-tls-verify",
        )
        : pass(),
  }),
  ofSeen({
    id: "api/clock",
    title: "its clock and this machine's agree",
    judge: ({ facts: { clock } }) => {
      if (clock === undefined) return pass("it told no time");
      const ahead = Math.round((clock.server.getTime() - clock.local.getTime()) / 1000);
      const amount = Math.abs(ahead);
      const said = `its API server's clock is ${amount} s ${
        ahead > 0 ? "ahead of" : "behind"
      } this machine's`;
      const remedy =
        "set both clocks by NTP: SPIRE's certificates are good from 10 s before they are issued";
      if (amount > SKEW_FAIL_SECONDS) return fail(said, remedy);
      return amount > SKEW_WARN_SECONDS ? warn(said, remedy) : pass();
    },
  }),
  ofSeen({
    id: "api/distinct",
    title: "no other context named leads to the same cluster",
    judge: ({ facts, others }) => {
      const twin = others.find(({ looked }) => looked.facts?.identity === facts.identity);
      return twin === undefined ? pass() : fail(
        `${twin.looked.cluster} is the same cluster under another name`,
        "name each cluster once",
      );
    },
  }),
  permissionCheck("install", "cluster-admin may, or a role with what is missing"),
  permissionCheck("peer", "docs/checks.md lists the minimum"),
];

function permissionCheck(job: "install" | "peer", hint: string): Check<Subject> {
  return ofSeen({
    id: `permissions/${job}`,
    title: `its user may do what ${job} does`,
    judge: ({ facts: { permissions, cluster } }) => {
      const missing = permissions.filter((one) => one.job === job && !one.allowed)
        .map(({ access }) => spell(access));
      if (missing.length === 0) return pass();
      return fail(
        `it lacks ${missing.join(", ")}`,
        `oc --context ${cluster} auth can-i ${missing[0]} (${hint})`,
      );
    },
  });
}
