import type { Context } from "../../../lib/context.ts";
import { parseConnectTo } from "../../../lib/endpoint/connect_to.ts";
import { SpirefedError } from "../../../lib/errors.ts";
import { authenticatedBundle } from "../../../lib/federation/authenticated_bundle.ts";
import { requireFingerprints } from "../../../lib/federation/fingerprints.ts";
import { serverIdOf } from "../../../lib/federation/inspect.ts";
import { fetchKnown } from "../../../lib/federation/known_endpoint.ts";
import { refusedWith } from "../../../lib/federation/refusals.ts";
import { printable } from "../../../lib/output/printable.ts";
import type { BundleResult } from "../../../lib/output/result.ts";
import type { Bundle, Problem, SpiffeId, TrustDomain } from "../../../lib/spiffe/model.ts";
import {
  normalizeFingerprint,
  parseBundle,
  parseSpiffeId,
  parseTrustDomain,
  printBundle,
  trustDomainOf,
} from "../../../lib/spiffe/mod.ts";
import { clusterAccess } from "../../cluster_access.ts";
import type { Answer, Invocation, Run } from "../../command.ts";
import type { spec } from "./spec.ts";

type Flags = Invocation<typeof spec>["flags"];

/** `oc spirefed bundle fetch` */
export const run: Run<typeof spec> = async ({ args: [url], flags }, context) => {
  const fingerprints = flags.expectFingerprint.map(normalizeFingerprint);
  const fetched = url === undefined
    ? await fromContext(flags, context)
    : await fromUrl(url, { flags, fingerprints }, context);
  requireFingerprints(fetched.bundle, fingerprints);
  for (const { message, path } of fetched.problems) {
    context.stderr(
      `warning: ${printable(message)}${path === "" ? "" : ` (at ${printable(path)})`}\n`,
    );
  }
  return answerOf(fetched);
};

async function fromContext(flags: Flags, context: Context): Promise<Fetched> {
  if (flags.context === undefined) {
    throw new SpirefedError(
      "usage",
      "Whose bundle? Give --context CTX, or the URL of an endpoint",
      {
        remedy: "oc spirefed bundle fetch --context east",
      },
    );
  }
  if (flags.bundle !== undefined || flags.trustDomain !== undefined) {
    throw new SpirefedError(
      "usage",
      "--bundle and --trust-domain go with a URL, not with --context",
      {
        remedy: `oc spirefed bundle fetch --context ${flags.context}`,
      },
    );
  }
  return await authenticatedBundle(flags.context, {
    access: clusterAccess(flags, context),
    source: flags.source,
    connectTo: parseConnectTo(flags.connectTo),
  }, context);
}

interface Fetched {
  readonly bundle: Bundle;
  readonly source: string;
  readonly problems: readonly Problem[];
}

async function fromUrl(
  url: string,
  { flags, fingerprints: given }: {
    readonly flags: Flags;
    readonly fingerprints: readonly string[];
  },
  context: Context,
): Promise<Fetched> {
  if (flags.context !== undefined) {
    throw new SpirefedError("usage", "Either --context or a URL: they are two ways to one bundle", {
      remedy: `oc spirefed bundle fetch --context ${flags.context}`,
    });
  }
  if (flags.trustDomain === undefined) {
    throw new SpirefedError("usage", "A URL does not say whose it is: give --trust-domain TD", {
      remedy: `oc spirefed bundle fetch ${url} --trust-domain apps.example.org --bundle known.json`,
    });
  }
  const trustDomain = parseTrustDomain(flags.trustDomain);
  const endpointId = flags.endpointSpiffeId === undefined
    ? serverIdOf(trustDomain)
    : parseSpiffeId(flags.endpointSpiffeId);
  const known = flags.bundle === undefined
    ? undefined
    : await readKnown(flags.bundle, endpointId, context);
  const nameable = known === undefined && trustDomainOf(endpointId) === trustDomain;
  const fingerprints = nameable && given.length === 0
    ? await askForRoot(trustDomain, context)
    : given;
  if (known === undefined && (!nameable || fingerprints.length === 0)) {
    throw nothingVouches(trustDomain);
  }
  const { bundle, problems, confirm } = await fetchKnown(
    { url, trustDomain, endpointId, known, fingerprints },
    { ...context, connectTo: parseConnectTo(flags.connectTo) },
  );
  if (confirm !== undefined) await confirmChange(trustDomain, confirm, context);
  return { bundle, problems, source: url };
}

/** A person may type what a flag would say; ours is shown only after it matched. */
async function askForRoot(
  trustDomain: TrustDomain,
  { ask, stderr }: Context,
): Promise<readonly string[]> {
  const typed = await ask(
    `Nothing vouches for ${trustDomain} yet. Type the SHA-256 of one of its roots, ` +
      `which you got over another channel: `,
  );
  if (typed === undefined || typed.trim() === "") return [];
  const fingerprint = normalizeFingerprint(typed.trim());
  stderr(`The endpoint has to prove itself under the root ${fingerprint}.\n`);
  return [fingerprint];
}

/** The bundle that the endpoint must prove itself under is that of its ID's trust domain. */
async function readKnown(
  path: string,
  endpointId: SpiffeId,
  context: Context,
): Promise<Bundle> {
  const { bundle, problems } = parseBundle(await context.readFile(path), {
    trustDomain: trustDomainOf(endpointId),
    now: context.now(),
  });
  if (bundle !== undefined && bundle.x509Authorities.length > 0) return bundle;
  const { message, code } = refusedWith(problems, `${path} is no bundle that could vouch`);
  throw new SpirefedError("usage", message, {
    code,
    remedy: `oc spirefed bundle verify ${path} --trust-domain ${trustDomainOf(endpointId)}`,
  });
}

function nothingVouches(trustDomain: TrustDomain): SpirefedError {
  return new SpirefedError("refused", `Nothing vouches for the endpoint of ${trustDomain}`, {
    code: "trust/nothing-vouches",
    remedy:
      "give a bundle of it with --bundle FILE, the SHA-256 of a root that its owner told you with --expect-fingerprint, or a context of its cluster with --context",
  });
}

async function confirmChange(
  trustDomain: TrustDomain,
  what: string,
  context: Context,
): Promise<void> {
  const question = `The bundle of ${trustDomain} ${what}. Take it? Type yes to agree: `;
  if ((await context.ask(question))?.trim().toLowerCase() === "yes") return;
  throw new SpirefedError("refused", `The bundle of ${trustDomain} ${what}`, {
    code: "bundle/confirm",
    remedy: "ask the owner of the trust domain what happened, or agree on a terminal",
  });
}

function answerOf({ bundle, source, problems }: Fetched): Answer {
  const result: BundleResult = {
    kind: "Bundle",
    trustDomain: bundle.trustDomain,
    source,
    bundle: printBundle(bundle),
    fingerprints: bundle.x509Authorities.map(({ sha256 }) => sha256),
    problems,
  };
  return { result };
}
