/**
 * Requests to one API server: credentials, limits, retries, messages. What the
 * verbs of the port have in common.
 *
 * @module
 */
import type { IncomingMessage } from "node:http";
import type { ClusterAccess } from "../context.ts";
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import {
  leafFingerprint,
  readBody,
  send,
  type ServerAddress,
  type TlsSettings,
} from "./connection.ts";
import type { Credentials } from "./credentials.ts";
import { deadline } from "./deadline.ts";
import type { ClusterHost } from "./host.ts";
import type { Headers } from "./impersonation.ts";
import { callFailure } from "./call_failure.ts";
import { networkFailure } from "./network_failure.ts";
import { type Passport, passportOf } from "./passport.ts";
import type { RateLimiter } from "./rate_limiter.ts";
import { redact } from "./redaction.ts";
import { type FailedTry, pauseBeforeRetry } from "./retry.ts";
import {
  headline,
  type Operation,
  type Spoken,
  statusFailure,
  statusOf,
} from "./status_failure.ts";
import { warningsOf } from "./warnings.ts";

/** What a client is made of. */
export interface ClientParts {
  readonly cluster: Spoken;
  readonly access: ClusterAccess;
  readonly host: ClusterHost;
  readonly server: Pick<ServerAddress, "base" | "proxy"> & {
    readonly tls: Pick<TlsSettings, "ca" | "servername" | "insecure">;
  };
  readonly credentials: Credentials;
  readonly impersonation: Headers;
  readonly limiters: { readonly reads: RateLimiter; readonly writes: RateLimiter } | undefined;
}

/** One call. */
export interface Call {
  readonly operation: Operation;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below the server's URL, percent-encoded, without a slash in front. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>> | undefined;
  readonly body?: unknown;
  readonly contentType?: string | undefined;
  /** Whether doing it twice is the same as doing it once. */
  readonly idempotent: boolean;
  /** The most bytes of an answer. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
  /** What the answer should be; JSON unless said. */
  readonly accept?: "text" | undefined;
}

/** What the server answered; its status is any. */
export interface ApiAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly location: string | undefined;
  readonly retryAfter: string | undefined;
  readonly body: Uint8Array;
  readonly warnings: readonly string[];
  /** What stands for the credential that was sent. */
  readonly credential: unknown;
}

/** Sends calls to one API server. */
export class ApiClient {
  readonly parts: ClientParts;
  clock: { readonly server: Date; readonly local: Date } | undefined;
  leaf: string | undefined;
  readonly #told = new Set<string>();

  constructor(parts: ClientParts) {
    this.parts = parts;
  }

  /**
   * Sends a call, again where that is safe and may help; answers whatever the
   * server said in the end.
   *
   * @throws {SpirefedError} `preflight`, `net/*` or `server/*`, if it said nothing usable.
   */
  async call(call: Call): Promise<ApiAnswer> {
    const signal = call.signal ?? this.parts.access.signal;
    for (let tries = 1, renewed = false;; tries++) {
      const outcome = await this.#try(call, signal);
      if (isAnswer(outcome) && outcome.status < 400) return outcome;
      if (isAnswer(outcome) && outcome.status === 401 && !renewed) {
        renewed = this.parts.credentials.refuse(outcome.credential);
        if (renewed) continue;
      }
      const failed = failedTry(outcome, { tries, idempotent: call.idempotent });
      if (await this.waitToRetry(call.operation, failed, signal)) continue;
      if (isAnswer(outcome)) return outcome;
      const { server, host } = this.parts;
      const { explainDates } = await import("./certificate_dates.ts");
      throw this.failure(call, await explainDates(outcome.error, server, host));
    }
  }

  /** Waits before the next try, and says so; false when there is to be none. */
  async waitToRetry(
    operation: Operation,
    failed: FailedTry,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { access, host, cluster } = this.parts;
    const pause = pauseBeforeRetry(failed, { now: host.now(), random: host.random() });
    if (pause === undefined) return false;
    const seconds = Math.round(pause.milliseconds / 100) / 10;
    access.warn(`${headline(cluster, operation)}: waiting ${seconds} s (${pause.why})`);
    await host.sleep(pause.milliseconds, signal);
    return true;
  }

  /**
   * Sends a call whose answer is read by the caller, piece by piece. Not repeated;
   * the caller's signal ends it.
   */
  async open(call: Call, signal: AbortSignal): Promise<IncomingMessage> {
    const passport = await this.passport();
    using limit = deadline(this.parts.access.requestTimeoutMs, signal);
    const { response } = await this.#send(call, { ...passport, signal: limit.signal });
    return response;
  }

  /** Connection and headers of the moment; runs a credential plugin when one is due. */
  passport(): Promise<Passport> {
    return passportOf(this.parts, (text) => this.tell(text));
  }

  /** The URL of a call. */
  url({ path, query = {} }: Pick<Call, "path" | "query">): URL {
    const url = new URL(path, this.parts.server.base);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.append(name, value);
    }
    return url;
  }

  /** The failure behind an error of the network; anything else as it is. */
  failure(call: Pick<Call, "operation" | "idempotent">, error: unknown): unknown {
    return callFailure(error, { ...call, cluster: this.parts.cluster });
  }

  /** The failure behind an answer that says no. */
  refusal(operation: Operation, answer: ApiAnswer): SpirefedError {
    return statusFailure(operation, { cluster: this.parts.cluster, refusal: answer });
  }

  /** Warns about this cluster, once for each text. */
  tell(text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.parts.access.warn(`[${printable(this.parts.cluster.name)}] ${text}`);
  }

  async #try(call: Call, signal: AbortSignal): Promise<ApiAnswer | { readonly error: unknown }> {
    const { limiters } = this.parts;
    const limiter = call.method === "GET" ? limiters?.reads : limiters?.writes;
    const work = (): Promise<ApiAnswer> => this.#once(call, signal);
    try {
      return await (limiter === undefined ? work() : limiter.run(work, signal));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof SpirefedError) throw error;
      return { error };
    }
  }

  async #once(call: Call, parent: AbortSignal): Promise<ApiAnswer> {
    const passport = await this.passport();
    using limit = deadline(this.parts.access.requestTimeoutMs, parent);
    const { signal } = limit;
    const { response, warnings } = await this.#send(call, { ...passport, signal });
    const status = response.statusCode ?? 0;
    const body = await readBody(response, { limit: call.limit, signal });
    return {
      status,
      contentType: response.headers["content-type"] ?? "",
      location: response.headers.location,
      retryAfter: response.headers["retry-after"],
      body: status < 300 ? body : redactedBody(body, passport.headers),
      warnings,
      credential: passport.credential,
    };
  }

  async #send(
    call: Call,
    { address, headers, signal }: Passport & { readonly signal: AbortSignal },
  ): Promise<{ readonly response: IncomingMessage; readonly warnings: readonly string[] }> {
    const url = this.url(call);
    const started = this.parts.host.now().getTime();
    try {
      const response = await send(address, {
        method: call.method,
        url,
        headers: { ...headers, ...bodyHeaders(call) },
        body: call.body === undefined ? undefined : JSON.stringify(call.body),
        signal,
      });
      const warnings = this.#note(response, { method: call.method, url, started, headers });
      return { response, warnings };
    } catch (error) {
      this.#log(`${call.method} ${url} failed: ${networkFailure(error)?.text ?? "unexpectedly"}`);
      throw error;
    }
  }

  /** Takes down what every answer tells beside its body. */
  #note(
    response: IncomingMessage,
    { method, url, started, headers }: {
      readonly method: string;
      readonly url: URL;
      readonly started: number;
      readonly headers: Headers;
    },
  ): readonly string[] {
    const local = this.parts.host.now();
    const server = new Date(response.headers.date ?? Number.NaN);
    if (!Number.isNaN(server.getTime())) this.clock = { server, local };
    this.leaf ??= leafFingerprint(response);
    this.#log(`${method} ${url} ${response.statusCode} in ${local.getTime() - started} ms`);
    const warnings = warningsOf(response.rawHeaders).map((each) => redact(each, headers));
    for (const warning of warnings) this.tell(warning);
    return warnings;
  }

  #log(line: string): void {
    if (this.parts.access.verbosity >= 6) this.parts.access.warn(printable(line));
  }
}

/** A refusal's body may be shown, so it must not repeat what we sent. */
export function redactedBody(body: Uint8Array, headers: Headers): Uint8Array {
  return new TextEncoder().encode(redact(new TextDecoder().decode(body), headers));
}

function isAnswer(outcome: ApiAnswer | { readonly error: unknown }): outcome is ApiAnswer {
  return "status" in outcome;
}

function failedTry(
  outcome: ApiAnswer | { readonly error: unknown },
  { tries, idempotent }: { readonly tries: number; readonly idempotent: boolean },
): FailedTry {
  if (!isAnswer(outcome)) return { tries, idempotent, network: networkFailure(outcome.error) };
  const { status, retryAfter } = outcome;
  const message = status === 500 ? statusOf(outcome)?.message ?? "" : "";
  const isWebhookFailure = message.includes("failed calling webhook");
  const isRefusal = message.startsWith("failed to create typed patch object");
  return { tries, idempotent, status, retryAfter, isWebhookFailure, isRefusal };
}

function bodyHeaders({ body, contentType, accept }: Call): Headers {
  return {
    accept: accept === "text" ? "*/*" : "application/json",
    ...(body !== undefined && { "content-type": contentType ?? "application/json" }),
  };
}
