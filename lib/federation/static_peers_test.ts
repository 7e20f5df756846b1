import assert from "node:assert/strict";
import { merge } from "./static_peers.ts";

const peer = (trustDomain: string, url: string) => ({
  trustDomain,
  bundleEndpointUrl: url,
  bundleEndpointProfile: "https_spiffe",
});

Deno.test("merge() keeps the peers that are there, in their order", () => {
  const north = peer("north.example", "https://north");
  const west = peer("west.example", "https://west");

  assert.deepEqual(merge([north], [west]), [north, west]);
});

Deno.test("merge() puts a peer that moved in its old place", () => {
  const [north, old] = [peer("north.example", "https://n"), peer("west.example", "https://old")];
  const west = peer("west.example", "https://west");

  assert.deepEqual(merge([old, north], [west]), [west, north]);
});
