/**
 * What the network did, in words and codes a person and a program can use.
 *
 * @module
 */

/** A failure below HTTP. */
export interface NetworkFailure {
  readonly code:
    | "net/dns"
    | "net/refused"
    | "net/reset"
    | "net/timeout"
    | "net/tls"
    | "net/proxy"
    | "net/protocol";
  readonly text: string;
  /** The request may have reached the server all the same. */
  readonly maybeDelivered: boolean;
}

/** The server's connection ended before its answer did. */
export class CutError extends Error {
  override readonly name = "CutError";
  constructor() {
    super("the connection was cut before the answer was complete");
  }
}

/** A call took longer than it may. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
  constructor(readonly milliseconds: number) {
    super(`no complete answer within ${milliseconds / 1000} s`);
  }
}

/** More bytes than were asked for. */
export class TooLargeError extends Error {
  override readonly name = "TooLargeError";
  constructor(readonly limit: number) {
    super(`the answer is over ${Math.ceil(limit / 1024 / 1024)} MiB`);
  }
}

const RESET_CODES = ["ECONNRESET", "EPIPE", "ECONNABORTED", "ERR_STREAM_PREMATURE_CLOSE"];
const TLS_CODE = /CERT|SELF_SIGNED|ISSUER|LEAF|ALTNAME|TLS|SSL/;

/** Classes an error of node:https, `undefined` for one that is not the network's. */
export function networkFailure(error: unknown): NetworkFailure | undefined {
  const { name, message, code = "", cause } = members(error);
  const failure = (
    code: NetworkFailure["code"],
    text: string,
    maybeDelivered = false,
  ): NetworkFailure => ({ code, text, maybeDelivered });
  if (name === "ProxyError") {
    const below = members(cause).code;
    return failure("net/proxy", below ? `${message} (${below})` : message);
  }
  if (name === "DeadlineError") return failure("net/timeout", message, true);
  if (name === "CutError") return failure("net/reset", message, true);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return failure("net/dns", "no such host");
  if (/getaddrinfo|dns/i.test(message)) return failure("net/dns", "its name cannot be resolved");
  if (code === "ECONNREFUSED") return failure("net/refused", "connection refused");
  if (code === "ETIMEDOUT") return failure("net/timeout", "connecting took too long");
  if (/^HPE_|^WS_ERR_/.test(code)) {
    return failure("net/protocol", `what answers does not speak HTTP as it should (${message})`);
  }
  if (/disconnected before secure/.test(message)) {
    return failure("net/reset", "the connection was cut during the TLS handshake");
  }
  if (TLS_CODE.test(code) || /certificate|tls|handshake/i.test(message)) {
    return failure("net/tls", message);
  }
  if (RESET_CODES.includes(code)) return failure("net/reset", "the connection was reset", true);
  if (/socket hang up|closed|EOF|reset|aborted/i.test(message)) {
    return failure("net/reset", "the connection was cut", true);
  }
  return /^E[A-Z]+$/.test(code) ? failure("net/refused", `${message} (${code})`) : undefined;
}

function members(
  error: unknown,
): { name: string; message: string; code?: string; cause?: unknown } {
  if (!(error instanceof Error)) return { name: "", message: String(error ?? "") };
  const { code } = error as { code?: unknown };
  return {
    name: error.name,
    message: error.message,
    cause: error.cause,
    ...(typeof code === "string" && { code }),
  };
}
