/**
 * What can be told of a failed handshake from its error alone.
 *
 * @module
 */
import { printable } from "../output/printable.ts";
import { codeOf } from "./connection.ts";
import type { EndpointDiagnosis } from "./endpoint.ts";

const CERTIFICATE_CODE_REGEXP = /^(UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|CERT)_/;

/**
 * Explains the error of a TLS handshake, `undefined` when it is none of the library's.
 *
 * `wrong_key` is certain only for a handshake that verified no chain; for one that did,
 * the library has the same codes for any fault of the certificates.
 */
export function explainHandshake(error: unknown): EndpointDiagnosis | undefined {
  const code = codeOf(error) ?? "";
  if (code === "ECONNRESET" || code === "EPIPE") return RESET;
  if (code.endsWith("ALERT_PROTOCOL_VERSION") || code.endsWith("UNSUPPORTED_PROTOCOL")) {
    return TLS_VERSION;
  }
  if (code.endsWith("WRONG_VERSION_NUMBER")) return NOT_TLS;
  if (!(error instanceof Error)) return undefined;
  if (CERTIFICATE_CODE_REGEXP.test(code)) return WRONG_KEY;
  if (!code.startsWith("ERR_SSL_")) return undefined;
  const [, alert] = /^received fatal alert: (\w+)/.exec(error.message) ?? [];
  return {
    problem: "tls_failed",
    detail: alert === undefined
      ? `the TLS handshake failed: ${printable(error.message, 200)}`
      : `it ended the TLS handshake with the alert ${printable(alert, 60)}`,
    remedy: "Check host and port of the URL; a router ends it so when it has no route for the host",
  };
}

const RESET: EndpointDiagnosis = {
  problem: "reset",
  detail: "connection closed during the TLS handshake",
  remedy: "Check that the route is admitted and passthrough, and that no firewall cuts TLS",
};

const TLS_VERSION: EndpointDiagnosis = {
  problem: "tls_version",
  detail: "it speaks neither TLS 1.2 nor 1.3",
  remedy: "Find out what answers there: a SPIRE server speaks both",
};

const NOT_TLS: EndpointDiagnosis = {
  problem: "not_tls",
  detail: "what answers there does not speak TLS",
  remedy: "Check host and port of the URL",
};

const WRONG_KEY: EndpointDiagnosis = {
  problem: "wrong_key",
  detail: "it shows a certificate whose private key it does not hold, as one would who copied " +
    "the certificate and answers in the endpoint's place",
  remedy: "Find out who answers at this address before anything else is done with it",
};
