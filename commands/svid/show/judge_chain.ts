/**
 * What is to be said about a chain, with and without a bundle.
 *
 * @module
 */
import type { CertificateFacts } from "../../../lib/spiffe/certificate.ts";
import type { Bundle, Problem, SpiffeId } from "../../../lib/spiffe/model.ts";
import { Problems } from "../../../lib/spiffe/problems.ts";
import { judgeLeaf, leafId } from "../../../lib/spiffe/svid_leaf.ts";
import { verifySvid } from "../../../lib/spiffe/verify_svid.ts";

/** What to judge by. */
export interface Expectations {
  readonly bundle: Bundle | undefined;
  readonly expectedId: SpiffeId | undefined;
  readonly now: Date;
}

/** What came of it. */
export interface Judgement {
  readonly id: SpiffeId | undefined;
  /** `null` when there was no bundle to judge by. */
  readonly vouched: boolean | null;
  readonly problems: readonly Problem[];
}

/** Judges a chain by a bundle, or says of the leaf alone what can be said. */
export function judgeChain(
  certificates: readonly [CertificateFacts, ...CertificateFacts[]],
  { bundle, expectedId, now }: Expectations,
): Judgement {
  const judgement = bundle === undefined
    ? judgeAlone(certificates[0], now)
    : judgeByBundle(certificates, bundle, now);
  const { id } = judgement;
  if (expectedId === undefined || id === expectedId) return judgement;
  const message = `The ID is ${id ?? "missing"}, not ${expectedId}`;
  const problem: Problem = { severity: "error", code: "svid/other-id", message, path: "/0" };
  return { ...judgement, problems: [...judgement.problems, problem] };
}

/** Whether a bundle vouches is one question, whose ID it is another. */
function judgeByBundle(
  certificates: readonly CertificateFacts[],
  bundle: Bundle,
  now: Date,
): Judgement {
  const { id, problems } = verifySvid(certificates.map(({ der }) => der), {
    bundle,
    trustDomain: bundle.trustDomain,
    now,
  });
  return { id, vouched: problems.every(({ severity }) => severity !== "error"), problems };
}

function judgeAlone(leaf: CertificateFacts, now: Date): Judgement {
  const problems = new Problems();
  const id = leafId(leaf, problems);
  judgeLeaf(leaf, problems);
  if (now < leaf.notBefore) problems.warn("svid/not-yet-valid", "The leaf is not valid yet", "/0");
  if (now > leaf.notAfter) problems.warn("svid/expired", "The leaf has expired", "/0");
  return { id, vouched: null, problems: problems.found };
}
