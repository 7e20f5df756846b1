/**
 * The rule of the first bundle: a cluster's API names the roots, the roots
 * authenticate the endpoint, and what the endpoint serves is what is installed.
 *
 * @module
 */
import type { ConnectTo, FetchBundle } from "../endpoint/endpoint.ts";
import { SpirefedError, withoutCluster } from "../errors.ts";
import { printable } from "../output/printable.ts";
import type { Bundle, TrustDomain } from "../spiffe/model.ts";
import { parseBundle } from "../spiffe/mod.ts";
import { refusedWith } from "./refusals.ts";
import type { EndpointParameters, Vouched } from "./side.ts";

/** `spiffe_refresh_hint` for bundles that have none: SPIRE would wait 36 minutes after a failure. */
export const DEFAULT_REFRESH_HINT = 300;

/** The bundle with a refresh hint: its own, or the default. */
export function withRefreshHint(bundle: Bundle): Bundle {
  return { ...bundle, refreshHint: bundle.refreshHint ?? DEFAULT_REFRESH_HINT };
}

/** How to reach endpoints. */
export interface EndpointAccess {
  readonly fetchBundle: FetchBundle;
  readonly connectTo: readonly ConnectTo[];
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/** Whose endpoint, and who says so. */
export interface EndpointOwner {
  /** Begins every message: the context, or what stands for it. */
  readonly cluster: string;
  readonly trustDomain: TrustDomain;
  readonly endpoint: EndpointParameters;
  /** Reads the authorities that vouch; asked again once when they and the endpoint differ. */
  readonly readRoots: (again: boolean) => Promise<Bundle>;
  /** Who vouches, for the message: `east's API`, `known.json`. */
  readonly voucher: string;
}

/**
 * Fetches a bundle from an endpoint that proves, under the given roots, to be the
 * trust domain's own, and that serves each of those roots. A difference is looked at
 * once more, since a rotation may be in flight.
 *
 * @throws {SpirefedError} `refused`, when it is not proven; `preflight`, when the
 * endpoint cannot be reached or answers no bundle.
 */
export async function authenticateEndpoint(
  owner: EndpointOwner,
  access: EndpointAccess,
): Promise<Vouched> {
  const first = await attempt(owner, access, false);
  if (first.vouched !== undefined) return first.vouched;
  const second = await attempt(owner, access, true);
  if (second.vouched !== undefined) return second.vouched;
  throw second.failure;
}

type Attempt =
  | { readonly vouched: Vouched; readonly failure?: undefined }
  | { readonly vouched?: undefined; readonly failure: SpirefedError };

async function attempt(
  owner: EndpointOwner,
  access: EndpointAccess,
  again: boolean,
): Promise<Attempt> {
  const { cluster, trustDomain, endpoint, voucher } = owner;
  const roots = await owner.readRoots(again);
  try {
    const answer = await access.fetchBundle({
      url: endpoint.url,
      profile: endpoint.spiffeId === undefined ? { type: "https_web" } : {
        type: "https_spiffe",
        endpointSPIFFEID: endpoint.spiffeId,
        authorities: roots.x509Authorities.map(({ der }) => der),
      },
      connectTo: access.connectTo,
      now: access.now(),
      signal: access.signal,
    });
    const { bundle, problems } = readServed(answer.body, owner, access.now());
    const missing = rootsMissing(roots, bundle);
    if (missing.length === 0) {
      return { vouched: { bundle, source: endpoint.url, chain: answer.chain, problems } };
    }
    return { failure: notServed(owner, missing) };
  } catch (error) {
    if (!(error instanceof SpirefedError)) throw error;
    const failure = new SpirefedError(
      error.kind,
      `[${cluster}] ${printable(withoutCluster(error.message))}`,
      {
        cause: error.code === "trust/impostor"
          ? new Error(
            `${endpoint.url} did not prove to be ${trustDomain} under the roots of ${voucher}`,
          )
          : error.cause,
        code: error.code,
        remedy: error.remedy,
      },
    );
    if (error.code !== "trust/impostor") throw failure;
    return { failure };
  }
}

function readServed(
  body: Uint8Array,
  owner: EndpointOwner,
  now: Date,
): Pick<Vouched, "bundle" | "problems"> {
  const { bundle, verdict, problems } = parseBundle(body, { trustDomain: owner.trustDomain, now });
  const where = `[${owner.cluster}] ${owner.endpoint.url}`;
  if (bundle === undefined) {
    const { message, code } = refusedWith(problems, `${where} answered no usable bundle`);
    throw new SpirefedError("preflight", message, {
      code,
      remedy: `oc spirefed bundle verify FILE --trust-domain ${owner.trustDomain}`,
    });
  }
  if (!verdict.installs) {
    throw refusedWith(problems, `${where} serves a bundle that may not be trusted`);
  }
  return { bundle: withRefreshHint(bundle), problems };
}

/** Roots that are named but not served, by fingerprint. */
function rootsMissing(roots: Bundle, served: Bundle): readonly string[] {
  const have = new Set(served.x509Authorities.map(({ sha256 }) => sha256));
  return roots.x509Authorities.map(({ sha256 }) => sha256).filter((sha256) => !have.has(sha256));
}

function notServed(
  { cluster, endpoint, voucher }: EndpointOwner,
  missing: readonly string[],
): SpirefedError {
  return new SpirefedError(
    "refused",
    `[${cluster}] ${endpoint.url} does not serve the roots that ${voucher} names`,
    {
      code: "trust/roots-not-served",
      cause: new Error(`missing SHA-256 ${missing.join(", ")}`),
      remedy:
        `find out who answers at ${endpoint.url}: it is not, or not only, the SPIRE server of ${cluster}`,
    },
  );
}
