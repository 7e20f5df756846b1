/**
 * The adapter that speaks to a bundle endpoint. Who it is decides before anything
 * it says is looked at, and nothing it says changes whom we ask.
 *
 * @module
 */
import tls from "node:tls";
import { SpirefedError } from "../errors.ts";
import {
  type EndpointUrl,
  type Lookup,
  parseEndpointUrl,
  type PinnedAddress,
  resolveEndpoint,
  systemLookup,
} from "./address.ts";
import { judgeStatus } from "./answer.ts";
import { authenticate } from "./authenticate.ts";
import { lookForNamedRoots } from "./diagnose.ts";
import { type ConnectOptions, connectTcp, TemporaryFailure } from "./connection.ts";
import type { EndpointAnswer, EndpointRequest, FetchBundle } from "./endpoint.ts";
import { getOver, type Progress } from "./http_get.ts";
import { type EndpointLimits, LIMITS, seconds } from "./limits.ts";
import { isNamedOnly } from "./named_roots.ts";
import { pause, within } from "./patience.ts";

/** What the adapter takes from outside; tests put their own in. */
export interface EndpointParts {
  readonly lookup: Lookup;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** PEM of the roots that `https_web` believes. */
  readonly webRoots: () => readonly string[];
  readonly limits: EndpointLimits;
}

const PARTS: EndpointParts = {
  lookup: systemLookup,
  sleep: pause,
  webRoots: () => tls.getCACertificates("system"),
  limits: LIMITS,
};

/**
 * Makes a {@linkcode FetchBundle}. Each message of its failures begins with the URL,
 * so that a caller can put what was wanted, and for which cluster, before it.
 */
export function createFetchBundle(overrides: Partial<EndpointParts> = {}): FetchBundle {
  const parts = { ...PARTS, ...overrides };
  return async (request) => {
    const url = parseEndpointUrl(request.url);
    const progress: Progress = { received: 0, expected: undefined };
    const ending = new AbortController();
    const abort = () => ending.abort(request.signal.reason);
    const timer = setTimeout(
      () => ending.abort(outOfTime(url, parts.limits, progress)),
      parts.limits.totalMs,
    );
    request.signal.addEventListener("abort", abort, { once: true });
    if (request.signal.aborted) abort();
    try {
      const options = { url, limits: parts.limits, signal: ending.signal, progress };
      return await tryAgain(() => fetchOnce(request, options, parts), { ...options, parts });
    } finally {
      clearTimeout(timer);
      request.signal.removeEventListener("abort", abort);
    }
  };
}

/** Fetches a bundle over the network, with the limits and roots of this machine. */
export const fetchBundle: FetchBundle = createFetchBundle();

interface FetchOptions extends ConnectOptions {
  readonly progress: Progress;
}

/** Does work again that failed of what passes by itself, as often as the limits allow. */
export async function tryAgain<T>(
  work: () => Promise<T>,
  { signal, parts: { sleep, limits } }: {
    readonly signal: AbortSignal;
    readonly parts: Pick<EndpointParts, "sleep" | "limits">;
  },
): Promise<T> {
  let waited = 0;
  for (let attempt = 0;; attempt++) {
    try {
      signal.throwIfAborted();
      return await work();
    } catch (error) {
      if (!(error instanceof TemporaryFailure)) throw error;
      const delay = limits.retryDelaysMs[attempt];
      if (delay === undefined) throw withTries(error, { tries: attempt + 1, waited });
      await sleep(delay, signal);
      waited += delay;
    }
  }
}

async function fetchOnce(
  asked: EndpointRequest,
  options: FetchOptions,
  parts: EndpointParts,
): Promise<EndpointAnswer> {
  const { webRoots } = parts;
  const addresses = await resolve(asked, options, parts);
  const { profile, now } = asked;
  const request = profile.type === "https_spiffe" && isNamedOnly(profile)
    ? { ...asked, profile: await lookForNamedRoots(addresses, { profile, now }, options) }
    : asked;
  const { socket: tcp, address } = await connectTcp(addresses, options);
  try {
    const { socket, chain } = await authenticate(tcp, { addresses, request, options, webRoots });
    const answer = await getOver(socket, options);
    judgeStatus(answer, options.url);
    const date = new Date(answer.headers.date ?? "");
    return {
      body: answer.body,
      chain,
      address,
      date: Number.isNaN(date.getTime()) ? undefined : date,
    };
  } finally {
    tcp.destroy();
  }
}

function resolve(
  { connectTo }: EndpointRequest,
  { url, limits, signal }: FetchOptions,
  { lookup }: EndpointParts,
): Promise<readonly PinnedAddress[]> {
  return within(resolveEndpoint(url, { connectTo, lookup }), {
    milliseconds: limits.connectMs,
    signal,
    late: () =>
      new SpirefedError(
        "preflight",
        `${url.shown}: no answer from DNS within ${seconds(limits.connectMs)}`,
        { code: "net/dns", remedy: "Check the resolver of this machine" },
      ),
  });
}

function withTries(
  { kind, message, code, remedy, cause }: TemporaryFailure,
  { tries, waited }: { readonly tries: number; readonly waited: number },
): SpirefedError {
  return new SpirefedError(kind, `${message} (${tries} tries in ${seconds(waited)})`, {
    code,
    remedy,
    cause,
  });
}

function outOfTime(
  { shown }: EndpointUrl,
  { totalMs }: EndpointLimits,
  { received, expected }: Progress,
): SpirefedError {
  return new SpirefedError(
    "preflight",
    `${shown}: timed out after ${seconds(totalMs)} (got ${received} of ${expected ?? "?"} bytes)`,
    { code: "net/timeout", remedy: "Try again later; look at what is slow between here and there" },
  );
}
