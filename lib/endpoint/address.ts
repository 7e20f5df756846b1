/**
 * Which address a bundle endpoint may be spoken to at. URLs come from objects in
 * clusters, so they could point this program at services of the machine it runs
 * on, or at a cloud's metadata service.
 *
 * @module
 */
import dns from "node:dns";
import net from "node:net";
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import { destinationOf } from "./connect_to.ts";
import type { ConnectTo } from "./endpoint.ts";

/** The URL of a bundle endpoint, taken apart. */
export interface EndpointUrl {
  /** As shown in messages: printable, without query and fragment. */
  readonly shown: string;
  /** Without brackets and root dot: what SNI and RFC 6125 compare. */
  readonly host: string;
  readonly port: number;
  /** The value of the `Host` header. */
  readonly authority: string;
  /** Path and query. */
  readonly path: string;
}

/** One address to connect to, already judged: it is not looked up again. */
export interface PinnedAddress {
  readonly address: string;
  readonly port: number;
}

/** Finds all addresses of a name. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/** The operating system's resolver, `/etc/hosts` included. */
export const systemLookup: Lookup = (host) =>
  new Promise((resolve, reject) => {
    dns.lookup(host, { all: true, verbatim: true }, (error, found) => {
      if (error) reject(error);
      else resolve(found.map(({ address }) => address));
    });
  });

/**
 * Takes an endpoint's URL apart (SPIFFE Federation, section 5: https, no userinfo).
 *
 * @throws {SpirefedError} `usage`; userinfo is never repeated in the message.
 */
export function parseEndpointUrl(text: string): EndpointUrl {
  const refuse = (why: string) =>
    new SpirefedError("usage", `Not a bundle endpoint: ${why}`, {
      code: "endpoint/url",
      remedy: "Give its URL as https://HOST or https://HOST:PORT",
    });
  if (!URL.canParse(text)) throw refuse("the text is not a URL");
  const { protocol, hostname, port, username, password, host, pathname, search } = new URL(text);
  const shown = printable(`${protocol}//${host}${pathname === "/" ? "" : pathname}`, 300);
  if (username !== "" || password !== "") throw refuse("its URL carries a user name or a password");
  if (protocol !== "https:") throw refuse(`"${shown}" is not https`);
  return {
    shown,
    host: hostname.replace(/^\[|\]$|\.$/g, ""),
    port: Number(port || 443),
    authority: host,
    path: `${pathname}${search}`,
  };
}

/**
 * The addresses of an endpoint, each fit to be connected to as it stands.
 *
 * @throws {SpirefedError} `preflight` with code `net/dns`, if the name has no address;
 * `refused` with code `trust/address`, if one of them is this machine, link-local or
 * multicast and `--connect-to` did not name it.
 */
export async function resolveEndpoint(
  { shown, host, port }: EndpointUrl,
  { connectTo, lookup }: { readonly connectTo: readonly ConnectTo[]; readonly lookup: Lookup },
): Promise<readonly PinnedAddress[]> {
  const destination = destinationOf({ host, port }, connectTo);
  const addresses = net.isIP(destination.host)
    ? [destination.host]
    : await lookUp(destination.host, { shown, lookup });
  for (const address of destination.redirected ? [] : addresses) {
    const what = forbiddenKind(address);
    if (what === undefined) continue;
    const at = address === host ? "it" : `${host} is ${printable(address)}, which`;
    throw new SpirefedError("refused", `${shown}: refused, ${at} is ${what}`, {
      code: "trust/address",
      remedy: `If that is meant: --connect-to ${bracketed(host)}:${port}:${bracketed(address)}:` +
        `${destination.port}`,
    });
  }
  return addresses.map((address) => ({ address, port: destination.port }));
}

async function lookUp(
  host: string,
  { shown, lookup }: { readonly shown: string; readonly lookup: Lookup },
): Promise<readonly string[]> {
  const found = await lookup(host).catch((cause: unknown) => cause);
  if (Array.isArray(found) && found.length > 0) return found;
  throw new SpirefedError("preflight", `${shown}: no address known for ${printable(host)}`, {
    code: "net/dns",
    cause: found instanceof Error ? found : undefined,
    remedy: `Make the name resolvable here, or point at an address with --connect-to ` +
      `${printable(host)}:443:ADDRESS:443`,
  });
}

const FORBIDDEN: readonly (readonly [what: string, range: string, prefix: number])[] = [
  ["the unspecified address", "0.0.0.0", 8],
  ["an address of this machine", "127.0.0.0", 8],
  ["a link-local address, as metadata services have", "169.254.0.0", 16],
  ["a multicast address", "224.0.0.0", 4],
  ["a broadcast address", "255.255.255.255", 32],
  ["a metadata service", "100.100.100.200", 32],
  ["the unspecified address", "::", 128],
  ["an address of this machine", "::1", 128],
  ["a link-local address", "fe80::", 10],
  ["a multicast address", "ff00::", 8],
  ["a metadata service", "fd00:ec2::254", 128],
];

const FORBIDDEN_LISTS = FORBIDDEN.map(([what, range, prefix]) => {
  const list = new net.BlockList();
  list.addSubnet(range, prefix, net.isIPv6(range) ? "ipv6" : "ipv4");
  return { what, list };
});

/** What makes an address one that an endpoint may not have; private ranges are normal. */
export function forbiddenKind(address: string): string | undefined {
  const plain = embeddedIPv4(address) ?? address.replace(/%.*$/, "");
  const family = net.isIPv6(plain) ? "ipv6" : "ipv4";
  if (!net.isIP(plain)) return "no address";
  return FORBIDDEN_LISTS.find(({ list }) => list.check(plain, family))?.what;
}

/** The IPv4 address inside an IPv4-mapped, IPv4-compatible, NAT64 or 6to4 address. */
function embeddedIPv4(address: string): string | undefined {
  if (!net.isIPv6(address) || !URL.canParse(`http://[${address}]`)) return undefined;
  const groups = groupsOf(new URL(`http://[${address}]`).hostname.slice(1, -1));
  const start = groups.slice(0, 6).map((group) => group.toString(16)).join(":");
  const carried = EMBEDDING_PREFIXES.includes(start) || (start === "0:0:0:0:0:0" && groups[6] !== 0)
    ? groups.slice(6)
    : groups[0] === 0x2002
    ? groups.slice(1, 3)
    : undefined;
  return carried?.flatMap((group) => [group >> 8, group & 0xff]).join(".");
}

const EMBEDDING_PREFIXES: readonly string[] = ["0:0:0:0:0:ffff", "64:ff9b:0:0:0:0"];

/** The eight groups of an IPv6 address in the spelling of the URL standard. */
function groupsOf(address: string): readonly number[] {
  const [left = "", right] = address.split("::");
  const parse = (text: string) =>
    text.split(":").filter(Boolean).map((group) => parseInt(group, 16));
  if (right === undefined) return parse(left);
  const [before, after] = [parse(left), parse(right)];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
