/**
 * Stable words for what the TLS stack and the network say.
 *
 * @module
 */

const WORDS: readonly (readonly [pattern: RegExp, word: string])[] = [
  [/PEER_DID_NOT_RETURN_A_CERTIFICATE|CERTIFICATE_REQUIRED/, "certificate/absent"],
  [/NO_APPLICATION_PROTOCOL/i, "tls/no-protocol"],
  [/UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|WRONG_VERSION_NUMBER/, "tls/version"],
  [/CERT_HAS_EXPIRED|CERTIFICATE_EXPIRED/, "certificate/expired"],
  [/CERT_NOT_YET_VALID/, "certificate/not-yet-valid"],
  [/INVALID_PURPOSE/, "certificate/purpose"],
  [
    /UNABLE_TO_GET_ISSUER_CERT|UNABLE_TO_VERIFY_LEAF|SELF_SIGNED_CERT|UNKNOWN_CA|CERT_SIGNATURE_FAILURE|INVALID_CA/,
    "authority/unknown",
  ],
  [/BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|ACCESS_DENIED/, "certificate/refused"],
  [/ENOTFOUND|EAI_AGAIN|EAI_/, "net/dns"],
  [/ECONNREFUSED/, "net/refused"],
  [/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/, "net/timeout"],
  [/ECONNRESET|EPIPE/, "net/reset"],
  [/ERR_SSL_|ERR_TLS_/, "tls/failed"],
];

/** The word for an error code or message. */
export function wordFor(text: string): string {
  return WORDS.find(([pattern]) => pattern.test(text))?.[1] ?? "failed";
}

/** What an error says, in one line. */
export function sayingOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, reason } = error as Error & { readonly code?: unknown; readonly reason?: unknown };
  // OpenSSL's own message is for those who read its sources; its reason is for people.
  const message = typeof reason === "string" ? reason : error.message.replace(/\s+/g, " ").trim();
  const isOfSystem = typeof code === "string" && /^[A-Z]/.test(code) && !message.includes(code);
  return isOfSystem ? `${code}: ${message}` : message;
}
