/**
 * Bundle endpoints of the World behind the endpoint port, in memory: addresses,
 * certificates and answers are judged by the real adapter's own rules.
 *
 * @module
 */
import { parseEndpointUrl, resolveEndpoint } from "../lib/endpoint/address.ts";
import { judgeStatus } from "../lib/endpoint/answer.ts";
import { TemporaryFailure } from "../lib/endpoint/connection.ts";
import { refusal } from "../lib/endpoint/diagnose.ts";
import type { EndpointAnswer, EndpointRequest, FetchBundle } from "../lib/endpoint/endpoint.ts";
import { tryAgain } from "../lib/endpoint/fetch_bundle.ts";
import { LIMITS } from "../lib/endpoint/limits.ts";
import { isNamedOnly, withNamedRoots } from "../lib/endpoint/named_roots.ts";
import { judgeChain } from "../lib/endpoint/svid_authentication.ts";
import { SpirefedError } from "../lib/errors.ts";
import type { RecordedCall } from "./calls.ts";
import { comeFirst, type FaultSchedule } from "./faults.ts";
import type { Mount } from "./mount.ts";
import { resolve, type Visit, visit } from "./network.ts";

/** What goes with fetching. */
export interface EndpointVisitor {
  readonly mount: Mount;
  readonly faults?: FaultSchedule | undefined;
  readonly calls?: RecordedCall[] | undefined;
  readonly sleep?: ((milliseconds: number) => Promise<void>) | undefined;
}

/** Makes a {@linkcode FetchBundle} over a World. */
export function inMemoryFetch({ mount, faults, calls, sleep }: EndpointVisitor): FetchBundle {
  return async (request) => {
    request.signal.throwIfAborted();
    const url = parseEndpointUrl(request.url);
    const addresses = await resolveEndpoint(url, {
      connectTo: request.connectTo,
      lookup: (host) => {
        const address = resolve(mount.world, host);
        return Promise.resolve(address === undefined ? [] : [address]);
      },
    });
    const [first] = addresses;
    const cluster = clusterAt(mount, first?.address);
    calls?.push({ cluster, verb: "fetch", object: request.url, dryRun: false });
    const fault = faults?.next(cluster, "fetch");
    await comeFirst(fault, sleep);
    request.signal.throwIfAborted();
    if (fault !== undefined && ("reset" in fault || "lostReply" in fault)) {
      throw unreachable(url.shown, "eof");
    }
    const found = await tryAgain(() => {
      const found = visit(mount.world, request.url, first?.address);
      if (found.problem === undefined) return Promise.resolve(found);
      return Promise.reject(unreachable(url.shown, found.problem));
    }, {
      signal: request.signal,
      parts: {
        limits: LIMITS,
        sleep: (milliseconds) => sleep?.(milliseconds) ?? Promise.resolve(),
      },
    });
    const override = fault !== undefined && "status" in fault ? { status: fault.status } : {};
    return judged(
      request,
      { ...found, ...override },
      `${first?.address}:${first?.port}`,
      mount.now,
    );
  };
}

function clusterAt({ world }: Mount, address: string | undefined): string {
  const found = [...world.clusters.values()].find(({ network }) => network.address === address);
  return found?.name ?? "";
}

function judged(
  request: EndpointRequest,
  found: Extract<Visit, { problem: undefined }>,
  address: string,
  now: number,
): EndpointAnswer {
  const url = parseEndpointUrl(request.url);
  const body = new TextEncoder().encode(found.body);
  const profile = request.profile.type === "https_spiffe" && isNamedOnly(request.profile)
    ? withNamedRoots(request.profile, body, { shown: url.shown, now: request.now })
    : request.profile;
  if (profile.type === "https_web") {
    throw new SpirefedError("refused", `${url.shown}: its certificate is not one of Web PKI`, {
      code: "trust/impostor",
    });
  }
  if (profile.authorities.length === 0) {
    throw new SpirefedError("refused", `${url.shown}: no authority is known to verify it`, {
      code: "trust/no-authority",
    });
  }
  const complaint = judgeChain(found.chain, { profile, now: request.now });
  if (complaint !== undefined) throw refusal(url.shown, complaint);
  const headers = found.location === undefined ? {} : { location: found.location };
  judgeStatus({ status: found.status, headers, body }, url);
  if (body.length > 1024 * 1024) {
    throw new SpirefedError("preflight", `${url.shown}: its body is over 1 MiB`, {
      code: "endpoint/too-large",
    });
  }
  return { body, chain: found.chain, address, date: new Date(now) };
}

function unreachable(shown: string, problem: NonNullable<Visit["problem"]>): TemporaryFailure {
  return problem === "refused"
    ? new TemporaryFailure("preflight", `${shown}: connection refused`, { code: "net/refused" })
    : new TemporaryFailure("preflight", `${shown}: the connection was reset`, {
      code: "net/reset",
    });
}
