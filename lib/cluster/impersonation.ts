/**
 * Acting as somebody else: `as` in a kubeconfig, `--as` on the command line.
 *
 * @module
 */
import type { ClusterAccess } from "../context.ts";
import { SpirefedError } from "../errors.ts";
import type { Impersonation } from "./kubeconfig_entries.ts";

/** Headers of a request: a name, and one value or several lines of them. */
export type Headers = Readonly<Record<string, string | readonly string[]>>;

/**
 * The headers that ask the server to act as somebody else; flags go before the
 * kubeconfig.
 *
 * @throws {SpirefedError} `usage`, if there is a group, UID or extra but no user.
 */
export function impersonationHeaders(
  from: Impersonation | undefined,
  { as, asGroups }: Pick<ClusterAccess, "as" | "asGroups">,
): Headers {
  const user = as || from?.user;
  const groups = asGroups.length > 0 ? asGroups : from?.groups ?? [];
  const extra = [...from?.extra ?? []];
  if (!user) {
    if (groups.length === 0 && from?.uid === undefined && extra.length === 0) return {};
    throw new SpirefedError("usage", "Groups, a UID or extras are impersonated without a user", {
      remedy: "Name the user with --as",
    });
  }
  return {
    "Impersonate-User": user,
    ...(groups.length > 0 && { "Impersonate-Group": groups }),
    ...(from?.uid !== undefined && { "Impersonate-Uid": from.uid }),
    ...Object.fromEntries(
      extra.map(([name, values]) => [`Impersonate-Extra-${escapeName(name)}`, values]),
    ),
  };
}

/** Keys may hold signs that header names may not; client-go percent-encodes those. */
function escapeName(name: string): string {
  return [...new TextEncoder().encode(name)].map((octet) => {
    const sign = String.fromCharCode(octet);
    return /[A-Za-z0-9!#$&'*+.^_`|~-]/.test(sign)
      ? sign
      : `%${octet.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}
