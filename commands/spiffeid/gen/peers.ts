/**
 * Whose bundles workloads shall receive: a context says it over its cluster, a
 * trust domain needs nobody.
 *
 * @module
 */
import type { ClusterAccess, Context } from "../../../lib/context.ts";
import { SpirefedError } from "../../../lib/errors.ts";
import { printable } from "../../../lib/output/printable.ts";
import type { TrustDomain } from "../../../lib/spiffe/model.ts";
import { parseTrustDomain, trustDomainComplaint } from "../../../lib/spiffe/trust_domain.ts";

const SCHEME = "spiffe://";

/**
 * The trust domains behind what the user named, each once. A name that is a context
 * is taken for one; `spiffe://NAME` is always a trust domain.
 *
 * @throws {SpirefedError} `usage`, for what is neither; `preflight`, when a cluster
 * cannot be read.
 */
export async function trustDomainsOf(
  names: readonly string[],
  access: ClusterAccess,
  context: Context,
): Promise<readonly TrustDomain[]> {
  const contexts = await contextNames(names, access, context);
  const found: TrustDomain[] = [];
  for (const name of names) {
    found.push(await trustDomainNamed(name, { contexts, access }, context));
  }
  return [...new Set(found)];
}

interface Known {
  readonly contexts: ReadonlySet<string>;
  readonly access: ClusterAccess;
}

async function trustDomainNamed(
  name: string,
  { contexts, access }: Known,
  context: Context,
): Promise<TrustDomain> {
  if (name.startsWith(SCHEME)) return parseTrustDomain(name.slice(SCHEME.length));
  if (!contexts.has(name) && !name.includes("#")) return requireTrustDomain(name);
  const { trustDomainOfContext } = await import("../../../lib/federation/authenticated_bundle.ts");
  const trustDomain = await trustDomainOfContext(name, access, context);
  if (trustDomain !== name && trustDomainComplaint(name) === undefined) {
    context.stderr(
      `note: ${printable(name)} is taken for the context, whose trust domain is ${trustDomain}; ` +
        `write ${SCHEME}${name} for a trust domain of that name\n`,
    );
  }
  return trustDomain;
}

function requireTrustDomain(name: string): TrustDomain {
  const complaint = trustDomainComplaint(name);
  if (complaint === undefined) return parseTrustDomain(name);
  throw new SpirefedError(
    "usage",
    `${JSON.stringify(name)} is neither a context nor a trust domain: ${complaint}`,
    { remedy: "kubectl config get-contexts lists the contexts" },
  );
}

/** Where there is no kubeconfig that can be read, trust domains still need nobody. */
async function contextNames(
  names: readonly string[],
  access: ClusterAccess,
  context: Context,
): Promise<ReadonlySet<string>> {
  if (names.every((name) => name.startsWith(SCHEME))) return new Set();
  try {
    return new Set((await context.kubeContexts(access)).names);
  } catch (error) {
    if (error instanceof SpirefedError && access.kubeconfig === undefined) return new Set();
    throw error;
  }
}
