/**
 * Checks of OpenShift itself: version, ingress, proxy, storage.
 *
 * @module
 */
import { type Check, fail, type Outcome, pass, warn } from "../../check/check.ts";
import { OPERATOR_NAMESPACE } from "../../../manifests/manifest.ts";
import { proxyInForce } from "../../../manifests/openshift_config.ts";
import { isDefaultClass, SERVER_CLAIM, type StorageClass } from "../../../manifests/storage.ts";
import {
  environmentOf,
  OPERATOR_PACKAGE,
  TRUSTED_CA_BUNDLE_CONFIGMAP,
} from "../../../manifests/subscription.ts";
import { itemsOf, valueOf } from "../reading.ts";
import { ofSeen, type Seen, type Subject, whenRead } from "../subject.ts";

/** The oldest that the operator is tried on. */
const OLDEST = [4, 18] as const;

/** All of them. */
export const OPENSHIFT_CHECKS: readonly Check<Subject>[] = [
  ofSeen({
    id: "openshift/version",
    title: "OpenShift is 4.18 or later",
    judge: ({ facts }) =>
      whenRead(facts.version, (found) => {
        if (found === undefined) {
          return fail(
            "it is no OpenShift: there is no ClusterVersion",
            "name a context of an OpenShift cluster",
          );
        }
        const { version } = found.status.desired;
        const [major = 0, minor = 0] = version.split(".").map(Number);
        const old = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
        return old
          ? warn(
            `OpenShift ${version} is older than 4.18, the first with the operator in its catalog`,
            "update the cluster",
          )
          : pass(version);
      }),
  }),
  ofSeen({
    id: "openshift/ingress",
    title: "its ingress has a domain to be found under",
    judge: ({ facts, settings, cluster }) =>
      whenRead(facts.ingress, (found) => {
        const { domain = "", appsDomain = "" } = found?.spec ?? {};
        if (domain === "") {
          return settings.trustDomain === undefined
            ? fail(
              "its ingress configuration names no domain to derive the trust domain from",
              `oc spirefed install ${cluster} --trust-domain TD --jwt-issuer URL`,
            )
            : pass("none, but --trust-domain is given");
        }
        if (appsDomain === "" || appsDomain === domain) return pass(domain);
        return warn(
          `routes get hosts under ${appsDomain} (appsDomain), the trust domain is taken from ${domain}`,
          `make sure that federation.${domain} resolves to the router, or give --trust-domain ${appsDomain}`,
        );
      }),
  }),
  ofSeen({
    id: "openshift/proxy",
    title: "where there is a proxy, the operator knows its CA",
    judge: (seen) => whenRead(seen.facts.proxy, (found) => judgeProxy(seen, proxyInForce(found))),
  }),
  ofSeen({
    id: "storage/class",
    title: "a storage class provides the SPIRE server's volume",
    judge: (seen) => {
      const claim = valueOf(seen.facts.claim);
      if (claim?.status.phase === "Bound") return pass(`${SERVER_CLAIM} is bound`);
      return whenRead(seen.facts.classes, () => judgeClass(seen));
    },
  }),
  ofSeen({
    id: "storage/access-mode",
    title: "the storage class can do the access mode",
    requires: ["storage/class"],
    judge: (seen) => {
      const found = classWanted(seen);
      const mode = persistenceOf(seen)["accessMode"] ?? "ReadWriteOnce";
      if (mode !== "ReadWriteOncePod" || found === undefined) return pass(mode);
      return whenRead(
        seen.facts.drivers,
        (drivers) =>
          drivers?.items.some(({ metadata }) => metadata.name === found.provisioner) === true
            ? pass(`${mode} by ${found.provisioner}`)
            : fail(
              `ReadWriteOncePod needs a CSI driver, and ${found.provisioner} of ${found.metadata.name} is none; the mode can never be changed`,
              `oc spirefed install ${seen.cluster} --access-mode ReadWriteOnce`,
            ),
      );
    },
  }),
  ofSeen({
    id: "storage/claim",
    title: "no volume of an earlier SPIRE server lies in the way",
    judge: ({ facts, cluster, wanted }) =>
      whenRead(facts.claim, (claim) => {
        const server = facts.stack.get("SpireServer");
        if (claim === undefined || (server !== undefined && valueOf(server) !== undefined)) {
          return pass();
        }
        return warn(
          `${SERVER_CLAIM} is left from an earlier SPIRE server: its keys are taken up again, and a server of another trust domain than ${
            wanted?.trustDomain ?? "theirs"
          } refuses to start on it`,
          `oc --context ${cluster} -n ${OPERATOR_NAMESPACE} delete pvc ${SERVER_CLAIM} where the trust domain is another (this destroys the old CA)`,
        );
      }),
  }),
];

function judgeProxy({ facts, cluster }: Seen, proxy: string | undefined): Outcome {
  if (proxy === undefined) return pass("there is none");
  const held = itemsOf(facts.subscriptions).find(({ spec }) => spec.name === OPERATOR_PACKAGE);
  if (held === undefined) {
    return pass(
      `install tells the operator where OpenShift keeps the CA of ${withoutSecret(proxy)}`,
    );
  }
  if (environmentOf(held, TRUSTED_CA_BUNDLE_CONFIGMAP) !== undefined) return pass();
  const at = `oc --context ${cluster} -n ${OPERATOR_NAMESPACE}`;
  return fail(
    `${
      withoutSecret(proxy)
    } is in force, and Subscription/${held.metadata.name} sets no ${TRUSTED_CA_BUNDLE_CONFIGMAP}: the operator refuses every configuration`,
    `${at} create configmap trusted-ca; ${at} label configmap trusted-ca config.openshift.io/inject-trusted-cabundle=true; ${at} patch subscription ${held.metadata.name} --type merge -p '{"spec":{"config":{"env":[{"name":"${TRUSTED_CA_BUNDLE_CONFIGMAP}","value":"trusted-ca"}]}}}'`,
  );
}

/** A proxy's URL may hold a password. */
function withoutSecret(proxy: string): string {
  return URL.canParse(proxy) ? new URL(proxy).host : "a proxy";
}

function judgeClass(seen: Seen): Outcome {
  const { facts, cluster } = seen;
  const name = persistenceOf(seen)["storageClass"];
  const found = classWanted(seen);
  if (found !== undefined) return pass(found.metadata.name);
  const names = itemsOf(facts.classes).map(({ metadata }) => metadata.name);
  const there = names.length === 0 ? "there is none" : `there are ${names.join(", ")}`;
  return fail(
    name === undefined
      ? `no storage class is the default one (${there}): spire-server-0 would stay Pending`
      : `there is no storage class ${name} (${there})`,
    names.length === 0
      ? `install a storage provider on ${cluster} first`
      : `oc spirefed install ${cluster} --storage-class ${names[0]}`,
  );
}

function classWanted(seen: Seen): StorageClass | undefined {
  const name = persistenceOf(seen)["storageClass"];
  return itemsOf(seen.facts.classes).find((one) =>
    name === undefined || name === "" ? isDefaultClass(one) : one.metadata.name === name
  );
}

function persistenceOf({ wanted }: Seen): Readonly<Record<string, string | undefined>> {
  const server = wanted?.stack.find(({ kind }) => kind === "SpireServer");
  const spec = server?.["spec"] as { readonly persistence?: Record<string, string> } | undefined;
  return spec?.persistence ?? {};
}
