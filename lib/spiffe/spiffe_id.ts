/**
 * SPIFFE IDs.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import type { SpiffeId, TrustDomain } from "./model.ts";
import { quote } from "./quote.ts";
import { trustDomainComplaint } from "./trust_domain.ts";

const SCHEME = "spiffe://";

/** The longest ID, in bytes, that SPIFFE-ID, section 2.3, lets anybody generate. */
const MAX_LENGTH = 2048;

/**
 * Reads a SPIFFE ID (SPIFFE-ID, section 2). One without a path is the ID of the
 * trust domain itself. Nothing is normalised: what go-spiffe refuses (upper
 * case in scheme or trust domain, `%`, a port, a query, an empty, `.` or `..`
 * segment, a slash at the end) is refused.
 *
 * @throws {SpirefedError} of kind `usage`, code `spiffe/id`.
 *
 * @example
 * ```ts
 * import { parseSpiffeId, trustDomainOf } from "./spiffe_id.ts";
 * import assert from "node:assert/strict";
 *
 * const id = parseSpiffeId("spiffe://apps.east.example/spire/server");
 * assert.equal(trustDomainOf(id), "apps.east.example");
 * ```
 */
export function parseSpiffeId(text: string): SpiffeId {
  const complaint = spiffeIdComplaint(text);
  if (complaint === undefined) return text as SpiffeId;
  throw new SpirefedError("usage", `${quote(text)} is not a SPIFFE ID: ${complaint}`, {
    code: "spiffe/id",
    remedy: "use an ID such as spiffe://apps.east.example/spire/server",
  });
}

/** The trust domain that an ID lies in. */
export function trustDomainOf(id: SpiffeId): TrustDomain {
  return nameIn(id) as TrustDomain;
}

/** The path of an ID with its leading slash; empty for a trust domain's own ID. */
export function pathOf(id: SpiffeId): string {
  return id.slice(SCHEME.length + nameIn(id).length);
}

/** Says what is wrong with a SPIFFE ID; `undefined` when nothing is. */
export function spiffeIdComplaint(text: string): string | undefined {
  if (text === "") return "it is empty";
  if (!text.startsWith(SCHEME)) return "it does not start with spiffe:// in lower case";
  if (text.length > MAX_LENGTH) return `it is longer than ${MAX_LENGTH} bytes`;
  const name = nameIn(text);
  const complaint = trustDomainComplaint(name);
  if (complaint !== undefined) return `its trust domain ${quote(name)}: ${complaint}`;
  return pathComplaint(text.slice(SCHEME.length + name.length));
}

function nameIn(text: string): string {
  const slash = text.indexOf("/", SCHEME.length);
  return text.slice(SCHEME.length, slash < 0 ? text.length : slash);
}

function pathComplaint(path: string): string | undefined {
  if (path === "") return undefined;
  if (path.endsWith("/")) return "its path ends in a slash";
  for (const segment of path.slice(1).split("/")) {
    if (segment === "") return "a segment of its path is empty";
    if (segment === "." || segment === "..") return `${quote(segment)} is not allowed in its path`;
    if (/[^A-Za-z0-9._-]/.test(segment)) {
      return "only letters, digits, dot, dash and underscore are allowed in its path";
    }
  }
  return undefined;
}
