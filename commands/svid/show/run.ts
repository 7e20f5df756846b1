import type { Context } from "../../../lib/context.ts";
import { rfc3339 } from "../../../lib/output/rfc3339.ts";
import type { PodIdentityResult, SvidResult } from "../../../lib/output/result.ts";
import type { CertificateFacts } from "../../../lib/spiffe/certificate.ts";
import type { Bundle } from "../../../lib/spiffe/model.ts";
import { parseBundle } from "../../../lib/spiffe/parse_bundle.ts";
import { parseSpiffeId, trustDomainOf } from "../../../lib/spiffe/spiffe_id.ts";
import { parseTrustDomain } from "../../../lib/spiffe/trust_domain.ts";
import { nameOfFile, requireBundle } from "../../bundle/read_bundle.ts";
import { SpirefedError } from "../../../lib/errors.ts";
import type { Cluster } from "../../../lib/cluster/cluster.ts";
import { podCertificates } from "../../../lib/federation/pod_certificate.ts";
import { podIdentity, type PodPlace } from "../../../lib/federation/pod_identity.ts";
import { SpireServerCli } from "../../../lib/federation/spire_server_cli.ts";
import { clusterAccess } from "../../cluster_access.ts";
import type { Answer, Invocation, Run } from "../../command.ts";
import { requiredFlag } from "../../required_flag.ts";
import { type Expectations, judgeChain } from "./judge_chain.ts";
import { type Chain, chainFrom, readChain } from "./read_chain.ts";
import type { spec } from "./spec.ts";

type Flags = Invocation<typeof spec>["flags"];

/** `oc spirefed svid show CHAIN.pem` */
export const run: Run<typeof spec> = async ({ args: [path = "-"], flags }, context) => {
  if (flags.context !== undefined) return await showPod(path, flags, context);
  if (flags.namespace !== undefined || flags.file !== undefined || flags.container !== undefined) {
    throw podFlags("--namespace, --file and --container are of a pod; --context is missing");
  }
  const expectedId = flags.expectId === undefined ? undefined : parseSpiffeId(flags.expectId);
  const now = flags.at ?? context.now();
  const bundle = await bundleOf(flags, now, context);
  const { certificates, hasPrivateKey } = await readChain(path, context);
  if (hasPrivateKey) {
    context.stderr(`note: ${nameOfFile(path)} also holds a private key; it was not looked at\n`);
  }
  const result: SvidResult = {
    kind: "Svid",
    ...svidOf(certificates, { bundle, expectedId, now }),
  };
  const isAnother = expectedId !== undefined && result.spiffeId !== expectedId;
  return { result, failure: result.vouched === false || isAnother ? "unhealthy" : undefined };
};

function svidOf(
  certificates: Chain["certificates"],
  expectations: Expectations,
): Omit<SvidResult, "kind"> {
  const { id, vouched, problems } = judgeChain(certificates, expectations);
  const [leaf] = certificates;
  return {
    spiffeId: id ?? null,
    trustDomain: id === undefined ? null : trustDomainOf(id),
    serial: leaf.serial,
    notBefore: rfc3339(leaf.notBefore),
    notAfter: rfc3339(leaf.notAfter),
    chain: certificates.map(report),
    vouched,
    problems,
  };
}

/** `oc spirefed svid show --context CTX -n NS POD` */
async function showPod(name: string, flags: Flags, context: Context): Promise<Answer> {
  if (flags.namespace === undefined) throw podFlags("--context goes with -n NS and a pod's name");
  if (flags.bundle !== undefined || flags.trustDomain !== undefined || flags.at !== undefined) {
    throw podFlags("--bundle, --trust-domain and --at judge a chain, not a pod");
  }
  if (flags.container !== undefined && flags.file === undefined) {
    throw podFlags("--container goes with --file");
  }
  if (flags.file !== undefined && !flags.file.startsWith("/")) {
    throw podFlags(`--file ${flags.file} is not a path from the root, such as /certs/svid.pem`);
  }
  const cluster = await context.openCluster(flags.context ?? "", clusterAccess(flags, context));
  const place = { namespace: flags.namespace, name };
  const identity = await podIdentity(cluster, place, context.signal);
  const { expectId, file } = flags;
  const certificate = file === undefined
    ? null
    : { file, ...await certificateIn(file, { cluster, place, identity, flags }, context) };
  const ids = identity.entries.map(({ spiffeId }) => spiffeId);
  const isAnother = expectId !== undefined && !ids.includes(expectId) ||
    certificate !== null &&
      (certificate.spiffeId !== expectId && expectId !== undefined ||
        !ids.includes(certificate.spiffeId ?? ""));
  const isBad = ids.length === 0 || isAnother || certificate?.vouched === false;
  return { result: { ...identity, certificate }, failure: isBad ? "unhealthy" : undefined };
}

interface PodWork {
  readonly cluster: Cluster;
  readonly place: PodPlace;
  readonly identity: PodIdentityResult;
  readonly flags: Flags;
}

/** What a file in the pod holds, judged by its cluster's own bundle. */
async function certificateIn(
  file: string,
  { cluster, place, identity, flags }: PodWork,
  context: Context,
): Promise<Omit<SvidResult, "kind">> {
  const { signal } = context;
  const pem = await podCertificates(cluster, place, {
    path: file,
    container: flags.container,
    signal,
  });
  const { certificates } = chainFrom(pem, file);
  const now = context.now();
  const [id] = identity.entries.map(({ spiffeId }) => parseSpiffeId(spiffeId));
  const bundle = id === undefined
    ? undefined
    : parseBundle(await new SpireServerCli(cluster, signal).ownBundle(), {
      trustDomain: trustDomainOf(id),
      now,
    }).bundle;
  const svid = svidOf(certificates, { bundle, expectedId: undefined, now });
  const given = identity.entries.map(({ spiffeId }) => spiffeId);
  if (svid.spiffeId === null || given.includes(svid.spiffeId)) return svid;
  const message = `SPIRE gives the pod ${given.join(", ") || "no ID"}, not ${svid.spiffeId}`;
  const problem = { severity: "error", code: "svid/other-id", message, path: "/0" } as const;
  return { ...svid, problems: [...svid.problems, problem] };
}

function podFlags(message: string): SpirefedError {
  return new SpirefedError("usage", message, {
    remedy: "oc spirefed svid show --context east -n shop cart-0",
  });
}

async function bundleOf(
  { bundle: path, trustDomain }: Flags,
  now: Date,
  context: Context,
): Promise<Bundle | undefined> {
  if (path === undefined && trustDomain === undefined) return undefined;
  const name = requiredFlag(trustDomain, "--trust-domain apps.east.example");
  const file = requiredFlag(path, "--bundle east.json");
  return await requireBundle({ path: file, trustDomain: parseTrustDomain(name), now }, context);
}

function report(certificate: CertificateFacts): SvidResult["chain"][number] {
  const { sha256, subject, issuer, notBefore, notAfter } = certificate;
  return {
    sha256,
    subject,
    issuer,
    notBefore: rfc3339(notBefore),
    notAfter: rfc3339(notAfter),
  };
}
