import type { Context } from "../../../lib/context.ts";
import { rfc3339 } from "../../../lib/output/rfc3339.ts";
import type { SvidResult } from "../../../lib/output/result.ts";
import type { CertificateFacts } from "../../../lib/spiffe/certificate.ts";
import type { Bundle } from "../../../lib/spiffe/model.ts";
import { parseSpiffeId, trustDomainOf } from "../../../lib/spiffe/spiffe_id.ts";
import { parseTrustDomain } from "../../../lib/spiffe/trust_domain.ts";
import { nameOfFile, requireBundle } from "../../bundle/read_bundle.ts";
import { SpirefedError } from "../../../lib/errors.ts";
import { podIdentity } from "../../../lib/federation/pod_identity.ts";
import { clusterAccess } from "../../cluster_access.ts";
import type { Answer, Invocation, Run } from "../../command.ts";
import { requiredFlag } from "../../required_flag.ts";
import { judgeChain } from "./judge_chain.ts";
import { readChain } from "./read_chain.ts";
import type { spec } from "./spec.ts";

type Flags = Invocation<typeof spec>["flags"];

/** `oc spirefed svid show CHAIN.pem` */
export const run: Run<typeof spec> = async ({ args: [path = "-"], flags }, context) => {
  if (flags.context !== undefined) return await showPod(path, flags, context);
  if (flags.namespace !== undefined) {
    throw podFlags("--namespace names a pod's; --context is missing");
  }
  const expectedId = flags.expectId === undefined ? undefined : parseSpiffeId(flags.expectId);
  const now = flags.at ?? context.now();
  const bundle = await bundleOf(flags, now, context);
  const { certificates, hasPrivateKey } = await readChain(path, context);
  if (hasPrivateKey) {
    context.stderr(`note: ${nameOfFile(path)} also holds a private key; it was not looked at\n`);
  }
  const { id, vouched, problems } = judgeChain(certificates, { bundle, expectedId, now });
  const [leaf] = certificates;
  const result: SvidResult = {
    kind: "Svid",
    spiffeId: id ?? null,
    trustDomain: id === undefined ? null : trustDomainOf(id),
    serial: leaf.serial,
    notBefore: rfc3339(leaf.notBefore),
    notAfter: rfc3339(leaf.notAfter),
    chain: certificates.map(report),
    vouched,
    problems,
  };
  const isAnother = expectedId !== undefined && id !== expectedId;
  return { result, failure: vouched === false || isAnother ? "unhealthy" : undefined };
};

/** `oc spirefed svid show --context CTX -n NS POD` */
async function showPod(name: string, flags: Flags, context: Context): Promise<Answer> {
  if (flags.namespace === undefined) throw podFlags("--context goes with -n NS and a pod's name");
  if (flags.bundle !== undefined || flags.trustDomain !== undefined || flags.at !== undefined) {
    throw podFlags("--bundle, --trust-domain and --at judge a chain, not a pod");
  }
  const cluster = await context.openCluster(flags.context ?? "", clusterAccess(flags, context));
  const place = { namespace: flags.namespace, name };
  const result = await podIdentity(cluster, place, context.signal);
  const { expectId } = flags;
  const isAnother = expectId !== undefined &&
    !result.entries.some(({ spiffeId }) => spiffeId === expectId);
  return { result, failure: result.entries.length === 0 || isAnother ? "unhealthy" : undefined };
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
