/**
 * `--connect-to HOST:PORT:ADDR:PORT`, read as curl reads it: for split DNS, VPNs,
 * tunnels and the sandbox. Only TCP goes elsewhere; the name that is asked for,
 * the SPIFFE ID and the authorities that vouch for it stay what they were.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";
import type { ConnectTo } from "./endpoint.ts";

const FORM = "HOST:PORT:ADDR:PORT";
/** Up to a colon; an IPv6 address stands in brackets, as in a URL. */
const HOST_REGEXP = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]\s]*))/;
const PORT_REGEXP = /^[0-9]{0,5}/;

/** Where a TCP connection goes. */
export interface Destination {
  /** A name or an address; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether `--connect-to` named this host. */
  readonly redirected: boolean;
}

/**
 * Reads redirections, one or more in each text, separated by commas or white
 * space: `SPIREFED_CONNECT_TO` holds several in one value, the flag is repeated.
 *
 * @example An empty part matches anything, or keeps what was there
 * ```ts
 * import { parseConnectTo } from "./connect_to.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseConnectTo(["east.example:443:127.0.0.1:8443, ::[::1]:"]), [
 *   { host: "east.example", port: "443", toHost: "127.0.0.1", toPort: "8443" },
 *   { host: "", port: "", toHost: "::1", toPort: "" },
 * ]);
 * ```
 *
 * @throws {SpirefedError} `usage`, naming the entry and the place in it.
 */
export function parseConnectTo(texts: readonly string[]): readonly ConnectTo[] {
  return texts.flatMap((text) => text.split(/[\s,]+/))
    .filter((entry) => entry !== "")
    .map(parseEntry);
}

/**
 * Where a connection to `host` and `port` goes: the first entry that matches
 * decides, and without one it goes where it was meant to.
 *
 * @param host as in a URL, without the brackets of an IPv6 address.
 */
export function destinationOf(
  { host, port }: { readonly host: string; readonly port: number },
  connectTo: readonly ConnectTo[],
): Destination {
  const entry = connectTo.find((entry) =>
    (entry.toHost !== "" || entry.toPort !== "") &&
    (entry.host === "" || canonicalHost(entry.host) === canonicalHost(host)) &&
    (entry.port === "" || Number(entry.port) === port)
  );
  return {
    host: entry?.toHost || host,
    port: Number(entry?.toPort || port),
    redirected: entry !== undefined && entry.toHost !== "",
  };
}

/** Lower case, without a root dot, an IPv6 address in the one spelling of RFC 5952. */
function canonicalHost(host: string): string {
  if (host.includes(":") && URL.canParse(`http://[${host}]`)) {
    return new URL(`http://[${host}]`).hostname.slice(1, -1);
  }
  return host.toLowerCase().replace(/\.$/, "");
}

function parseEntry(entry: string): ConnectTo {
  const [host, afterHost] = take(entry, 0, HOST_REGEXP, "HOST");
  const [port, afterPort] = take(entry, colon(entry, afterHost), PORT_REGEXP, "PORT");
  const [toHost, afterToHost] = take(entry, colon(entry, afterPort), HOST_REGEXP, "ADDR");
  const [toPort, end] = take(entry, colon(entry, afterToHost), PORT_REGEXP, "PORT");
  if (end !== entry.length) throw malformed(entry, end, "nothing may follow the second port");
  return { host, port, toHost, toPort };
}

/** The part that begins at `at`, and where it ends. */
function take(
  entry: string,
  at: number,
  pattern: RegExp,
  part: "HOST" | "PORT" | "ADDR",
): readonly [string, number] {
  const found = pattern.exec(entry.slice(at));
  if (!found) throw malformed(entry, at, `${part} is not a name or an address`);
  const text = found[1] ?? found[2] ?? found[0];
  if (part === "PORT") {
    if (text !== "" && (Number(text) < 1 || Number(text) > 65535)) {
      throw malformed(entry, at, "a port is a number from 1 to 65535");
    }
  } else if (found[1] !== undefined && !URL.canParse(`http://[${text}]`)) {
    throw malformed(entry, at, `${part} is not an IPv6 address`);
  }
  return [text, at + found[0].length];
}

function colon(entry: string, at: number): number {
  if (entry[at] === ":") return at + 1;
  throw malformed(entry, at, at < entry.length ? "a colon belongs here" : "a part is missing");
}

function malformed(entry: string, at: number, why: string): SpirefedError {
  return new SpirefedError(
    "usage",
    `Not a redirection: "${printable(entry, 200)}", at character ${at + 1}: ${why}`,
    {
      code: "usage/connect-to",
      remedy: `Write --connect-to ${FORM}, an IPv6 address in brackets; a part may be empty`,
    },
  );
}
