/**
 * Which proxy leads to an API server: the kubeconfig's `proxy-url`, else the
 * environment, read as Go's `golang.org/x/net/http/httpproxy` reads it.
 *
 * @module
 */
import { SpirefedError } from "../errors.ts";

/**
 * The proxy for a URL, `undefined` for a direct connection.
 *
 * @example NO_PROXY names a domain and all below it
 * ```ts
 * import { proxyFor } from "./proxy_choice.ts";
 * import assert from "node:assert/strict";
 *
 * const env = new Map([["HTTPS_PROXY", "proxy:3128"], ["NO_PROXY", "example.com"]]);
 * const at = (url: string) => proxyFor(new URL(url), { env: (name) => env.get(name) })?.href;
 *
 * assert.equal(at("https://api.other.org:6443"), "http://proxy:3128/");
 * assert.equal(at("https://api.example.com:6443"), undefined);
 * ```
 *
 * @throws {SpirefedError} `usage`, if it is no URL or of another scheme.
 */
export function proxyFor(
  url: URL,
  { proxyUrl, env }: {
    readonly proxyUrl?: string | undefined;
    readonly env: (name: string) => string | undefined;
  },
): URL | undefined {
  if (proxyUrl !== undefined) return parse(proxyUrl, "proxy-url of the kubeconfig");
  const scheme = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const fromEnvironment = env(scheme) || env(scheme.toLowerCase());
  const exceptions = env("NO_PROXY") || env("no_proxy") || "";
  if (!fromEnvironment || !isProxied(url, exceptions)) return undefined;
  return parse(fromEnvironment, scheme);
}

const SCHEMES = ["http:", "https:", "socks5:", "socks5h:"];

function parse(text: string, where: string): URL {
  const url = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (url === null || url.hostname === "") {
    throw new SpirefedError("usage", `${where} is not a URL`); // it may hold a password
  }
  if (!SCHEMES.includes(url.protocol)) {
    throw new SpirefedError("usage", `${where} has an unsupported scheme: ${url.protocol}`, {
      remedy: "Use http, https or socks5",
    });
  }
  return url;
}

function isProxied(url: URL, exceptions: string): boolean {
  const host = url.hostname.toLowerCase().replace(/^\[|\]$/g, "").replace(/\.$/, "");
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const address = parseAddress(host);
  if (host === "localhost") return false;
  if (address && isLoopback(address)) return false;
  return !exceptions.split(",").some((part) => {
    const word = part.trim().toLowerCase();
    return word !== "" && matches(word, { host, port, address });
  });
}

interface Target {
  readonly host: string;
  readonly port: string;
  readonly address: Address | undefined;
}

function matches(word: string, { host, port, address }: Target): boolean {
  if (word === "*") return true;
  const [network, bits] = word.split("/");
  const base = parseAddress((network ?? "").replace(/^\[|\]$/g, ""));
  if (bits !== undefined && base !== undefined) {
    return address !== undefined && isWithin(address, base, Number(bits));
  }
  const cut = /^(.*?)(?::(\d+))?$/.exec(base === undefined ? word : "");
  const [name, onlyPort] = base === undefined ? [cut?.[1] ?? "", cut?.[2]] : [word, undefined];
  if (onlyPort !== undefined && onlyPort !== port) return false;
  const wanted = parseAddress(name.replace(/^\[|\]$/g, ""));
  if (wanted !== undefined) return address !== undefined && isWithin(address, wanted, 128);
  const domain = name.startsWith("*.") ? name.slice(1) : name;
  return domain.startsWith(".")
    ? host.endsWith(domain)
    : host === domain || host.endsWith(`.${domain}`);
}

/** Octets: 4 for IPv4, 16 for IPv6. */
type Address = readonly number[];

function parseAddress(text: string): Address | undefined {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) {
    const octets = text.split(".").map(Number);
    return octets.every((octet) => octet < 256) ? octets : undefined;
  }
  if (!text.includes(":") || !/^[0-9a-f:.]+$/i.test(text)) return undefined;
  const canonical = URL.parse(`http://[${text}]`)?.hostname.slice(1, -1);
  if (canonical === undefined) return undefined;
  const [head = "", tail] = canonical.split("::");
  const groups = (part: string) => part === "" ? [] : part.split(":").map((each) => `0x${each}`);
  const [front, back] = [groups(head), groups(tail ?? "")];
  const zeros = Array(8 - front.length - back.length).fill("0");
  const octets = [...front, ...zeros, ...back].map(Number).flatMap((
    each,
  ) => [each >> 8, each & 255]);
  const isMapped = octets.slice(0, 12).join() === "0,0,0,0,0,0,0,0,0,0,255,255";
  return isMapped ? octets.slice(12) : octets;
}

function isLoopback(address: Address): boolean {
  return address.length === 4
    ? address[0] === 127
    : isWithin(address, [...Array(15).fill(0), 1], 128);
}

function isWithin(address: Address, base: Address, bits: number): boolean {
  if (address.length !== base.length) return false;
  return address.every((octet, at) => {
    const kept = Math.min(8, Math.max(0, bits - at * 8));
    const mask = 256 - 2 ** (8 - kept);
    return (octet & mask) === ((base[at] ?? 0) & mask);
  });
}
