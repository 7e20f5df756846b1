/**
 * URIs in certificates.
 *
 * @module
 */

const URI_REGEXP = (() => {
  const host = "[A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)*";
  const rest = "(?:[/?#](?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?";
  return new RegExp(
    `^[A-Za-z][A-Za-z0-9+.-]*:(?://${host}(?::[0-9]+)?${rest}|[A-Za-z0-9.:_-]+)$`,
  );
})();

/**
 * Whether Go reads a URI in a certificate: it refuses the whole certificate for one
 * without a proper host, also where the host is a trust domain such as `a..b`. What is
 * not plain is not tried.
 */
export function isReadableUri(uri: string): boolean {
  return URI_REGEXP.test(uri);
}
