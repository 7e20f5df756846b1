import assert from "node:assert/strict";
import { proxyFor } from "./proxy_choice.ts";

/** What Go's httpproxy answers for the same words. */
const NO_PROXY: readonly (readonly [string, string, boolean])[] = [
  ["", "https://api.example.com:6443", true],
  ["", "https://localhost:6443", false],
  ["", "https://127.9.9.9:6443", false],
  ["", "https://[::1]:6443", false],
  ["*", "https://api.example.com", false],
  ["example.com", "https://example.com", false],
  ["example.com", "https://api.example.com", false],
  ["example.com", "https://badexample.com", true],
  [".example.com", "https://example.com", true],
  [".example.com", "https://api.example.com", false],
  ["*.example.com", "https://api.example.com", false],
  ["EXAMPLE.com", "https://api.Example.COM", false],
  ["example.com:6443", "https://example.com:6443", false],
  ["example.com:6443", "https://example.com", true],
  ["example.com:443", "https://example.com", false],
  ["10.0.0.0/8", "https://10.1.2.3:6443", false],
  ["10.0.0.0/8", "https://11.1.2.3:6443", true],
  ["10.1.2.0/23", "https://10.1.3.9", false],
  ["10.1.2.3", "https://10.1.2.3:6443", false],
  ["10.1.2.3:443", "https://10.1.2.3:6443", true],
  ["fd00::/8", "https://[fd12::1]:6443", false],
  ["fd00::/8", "https://[fe12::1]:6443", true],
  ["2001:db8::1", "https://[2001:db8:0::1]", false],
  [" a.org , example.com ", "https://example.com", false],
];

for (const [exceptions, url, proxied] of NO_PROXY) {
  Deno.test(`NO_PROXY="${exceptions}" ${proxied ? "leaves" : "keeps"} ${url} ${proxied ? "to" : "from"} the proxy`, () => {
    const env = new Map([["HTTPS_PROXY", "proxy:3128"], ["NO_PROXY", exceptions]]);

    const proxy = proxyFor(new URL(url), { env: (name) => env.get(name) });

    assert.equal(proxy !== undefined, proxied);
  });
}

Deno.test("proxy-url of the kubeconfig goes before the environment and its exceptions", () => {
  const env = new Map([["HTTPS_PROXY", "a:1"], ["NO_PROXY", "*"]]);

  const proxy = proxyFor(new URL("https://api"), {
    proxyUrl: "socks5://b:2",
    env: (name) => env.get(name),
  });

  assert.equal(proxy?.host, "b:2");
});

Deno.test("lower-case names of the environment count where upper-case ones are absent", () => {
  const env = new Map([["https_proxy", "a:1"], ["no_proxy", "other.org"]]);
  const at = (url: string): string | undefined =>
    proxyFor(new URL(url), { env: (name) => env.get(name) })?.host;

  assert.equal(at("https://api.example.com"), "a:1");
  assert.equal(at("https://other.org"), undefined);
  assert.equal(at("http://api.example.com"), undefined);
});

Deno.test("a proxy that cannot be used is a usage error which does not repeat its password", () => {
  for (const proxyUrl of ["ftp://u:canary@proxy", "http://u:canary@"]) {
    assert.throws(
      () => proxyFor(new URL("https://api"), { proxyUrl, env: () => undefined }),
      (error: Error) => !error.message.includes("canary") && /proxy-url/.test(error.message),
    );
  }
});
