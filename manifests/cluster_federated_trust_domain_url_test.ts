import assert from "node:assert/strict";
import { endpointUrlComplaint } from "./cluster_federated_trust_domain_url.ts";

Deno.test("endpointUrlComplaint() takes https URLs with a host", () => {
  for (
    const url of [
      "https://federation.apps.east.example",
      "HTTPS://federation.apps.east.example/",
      "https://federation.my_domain:8443/bundle?x=1",
      "https://192.0.2.7:443",
      "https://federation.012",
      "https://federation..",
      "https://federation.0x1f/a%20b",
      "https://[2001:db8::1]:8443/",
    ]
  ) assert.equal(endpointUrlComplaint(url), undefined, url);
});

Deno.test("endpointUrlComplaint() names what is wrong", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["", /empty/],
    ["http://east.example", /https/],
    ["federation.east.example", /https/],
    ["ftp://east.example", /https/],
    ["https:east.example", /no host/],
    ["https:/east.example", /no host/],
    ["https:///east.example", /no host/],
    ["https://:8443", /no host/],
    ["https://user@east.example", /user information/],
    ["https://user:secret@east.example", /user information/],
    ["https://east.example:99999", /port/],
    ["https://east.example:0", /port/],
    ["https://east.example:", /host/],
    ["https://east.example:http", /host/],
    ["https://ea%73t.example", /host/],
    ["https://east.example\\@evil.example", /user information/],
    ["https://east.example\\evil", /host/],
    ["https://east.example/\\evil", /backslash/],
    ["https://east.example/%zz", /escapes nothing/],
    ["https://[::1", /host/],
    ["https://east.example\n", /visible ASCII/],
    [" https://east.example", /visible ASCII/],
    ["https://east.example/a b", /visible ASCII/],
    ["https://еast.example", /visible ASCII/],
  ];

  for (const [url, message] of cases) {
    assert.match(endpointUrlComplaint(url) ?? "taken", message, url);
  }
});

Deno.test("endpointUrlComplaint() never repeats the URL, which may hold a password", () => {
  assert.doesNotMatch(endpointUrlComplaint("https://u:canary@east.example") ?? "", /canary/);
});
