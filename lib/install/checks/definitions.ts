/**
 * Checks of the operator's and SPIRE's definitions.
 *
 * @module
 */
import { type Check, fail, pass, skip } from "../../check/check.ts";
import { isEstablished, unknownTo } from "../../../manifests/custom_resource_definition.ts";
import { CLUSTER_FEDERATED_TRUST_DOMAINS } from "../../../manifests/cluster_federated_trust_domain.ts";
import { OPERATOR_NAMESPACE } from "../../../manifests/manifest.ts";
import { groupResource } from "../definition_names.ts";
import { valueOf } from "../reading.ts";
import { STACK } from "../stack.ts";
import { ofSeen, type Subject } from "../subject.ts";

/** Both of them. */
export const DEFINITION_CHECKS: readonly Check<Subject>[] = [
  ofSeen({
    id: "definitions/present",
    title: "all of the operator's definitions are there, or none",
    requires: ["olm/install"],
    judge: ({ facts, cluster }) => {
      const all = [...facts.definitions];
      const unreadable = all.map(([, one]) => one).find((one) => one.state === "unreadable");
      if (unreadable?.state === "unreadable") return skip(unreadable.why);
      const missing = all.filter(([, one]) => valueOf(one) === undefined).map(([name]) => name);
      const pending = all.filter(([, one]) => {
        const found = valueOf(one);
        return found !== undefined && !isEstablished(found);
      }).map(([name]) => name);
      if (missing.length === all.length) return skip("the operator is not installed yet");
      if (missing.length === 0 && pending.length === 0) return pass();
      const what = missing.length > 0
        ? `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} missing`
        : `${pending.join(", ")} ${pending.length === 1 ? "is" : "are"} not Established yet`;
      return fail(
        what,
        `oc --context ${cluster} -n ${OPERATOR_NAMESPACE} get csv; OLM makes them with the operator`,
      );
    },
  }),
  ofSeen({
    id: "definitions/schema",
    title: "its definitions know every field that is written",
    requires: ["definitions/present"],
    judge: ({ facts, wanted, cluster }) => {
      const objects = [...wanted?.stack ?? [], DECLARATION];
      const unknown = objects.flatMap((object) => {
        const resource = STACK.get(object.kind) ?? CLUSTER_FEDERATED_TRUST_DOMAINS;
        const reading = facts.definitions.get(groupResource(resource));
        const definition = reading && valueOf(reading);
        if (definition === undefined) return [];
        const version = object.apiVersion.split("/")[1] ?? "";
        return unknownTo(definition, version, object).map((field) => `${object.kind} ${field}`);
      });
      return unknown.length === 0 ? pass() : fail(
        `the installed operator does not know ${unknown.join(", ")}`,
        `oc spirefed install ${cluster} --channel stable-v1, to get a version of 1.0 or later`,
      );
    },
  }),
];

/** The fields that `peer` writes. */
const DECLARATION = {
  apiVersion: CLUSTER_FEDERATED_TRUST_DOMAINS.apiVersion,
  kind: CLUSTER_FEDERATED_TRUST_DOMAINS.kind,
  metadata: { name: "any" },
  spec: {
    trustDomain: "",
    bundleEndpointURL: "",
    bundleEndpointProfile: { type: "", endpointSPIFFEID: "" },
    trustDomainBundle: "",
    className: "",
  },
} as const;
