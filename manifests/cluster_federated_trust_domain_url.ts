/**
 * URLs of bundle endpoints, as spire-controller-manager and SPIRE read them.
 *
 * @module
 */

const URL_REGEXP = /^https:\/\/([^/?#]*)([/?#].*)?$/i;
const HOST_REGEXP = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?$/;

/**
 * Says what is wrong with the URL of a bundle endpoint; `undefined` when nothing
 * is. It must be https with a host and no user information (SPIFFE Federation,
 * section 5.2). Readers differ over everything odd, so all that is odd is refused:
 * a host written with escapes, white space, backslashes.
 *
 * @example
 * ```ts
 * import { endpointUrlComplaint } from "./cluster_federated_trust_domain_url.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(endpointUrlComplaint("https://federation.apps.east.example"), undefined);
 * assert.equal(endpointUrlComplaint("http://east.example"), "it must begin with https://");
 * ```
 */
export function endpointUrlComplaint(url: string): string | undefined {
  if (url === "") return "it is empty";
  if (!/^[\x21-\x7e]+$/.test(url) || url.endsWith("\n")) {
    return "only visible ASCII characters are allowed";
  }
  if (!/^https:/i.test(url)) return "it must begin with https://";
  const [, authority] = URL_REGEXP.exec(url) ?? [];
  if (authority === undefined || authority === "" || authority.startsWith(":")) {
    return "it names no host";
  }
  if (authority.includes("@")) return "it must carry no user information";
  const [, , port] = HOST_REGEXP.exec(authority) ?? [];
  if (!HOST_REGEXP.test(authority)) return "its host is not a host name or an IP address";
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65535)) {
    return "its port is not between 1 and 65535";
  }
  if (url.includes("\\")) return "it must hold no backslash";
  // No more is asked of the host: https://federation.012 is what the trust domain 012 gets.
  return /%(?![0-9A-Fa-f]{2})/.test(url) ? "it holds a % that escapes nothing" : undefined;
}
