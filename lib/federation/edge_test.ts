import assert from "node:assert/strict";
import { edgesOf, requireDistinct } from "./edge.ts";
import type { Side } from "./side.ts";

Deno.test("edgesOf() meshes a few clusters without being told to", () => {
  assert.equal(edgesOf(["a", "b", "c"], { word: undefined }).length, 6);
});

Deno.test("edgesOf() wants to be told before it meshes more than ten", () => {
  const names = Array.from({ length: 11 }, (_, at) => `c${at}`);

  assert.throws(
    () => edgesOf(names, { word: undefined }),
    /11 clusters would be 110 relationships/,
  );
  assert.equal(edgesOf(names, { word: "mesh" }).length, 110);
});

Deno.test("edgesOf() joins spokes to the hub and not to each other", () => {
  assert.deepEqual(edgesOf(["hub", "a", "b"], { word: "hub=hub" }), [
    { holder: "hub", peer: "a" },
    { holder: "a", peer: "hub" },
    { holder: "hub", peer: "b" },
    { holder: "b", peer: "hub" },
  ]);
});

Deno.test("edgesOf() names the line of a topology file that is wrong", () => {
  const file = "# who trusts whom\neast west\neast east\n";

  assert.throws(
    () => edgesOf(["east", "west"], { word: "t.txt", file }),
    /^SpirefedError: t.txt:3/,
  );
  assert.throws(() => edgesOf(["east"], { word: "t.txt", file: "east north\n" }), /t.txt:1: north/);
});

Deno.test("edgesOf() reads a pair once, whichever way it is written", () => {
  const file = "east west\nwest east # again\n";

  assert.equal(edgesOf(["east", "west"], { word: "t.txt", file }).length, 2);
});

Deno.test("requireDistinct() sees one cluster behind two contexts", () => {
  const east = { cluster: "east", identity: "uid-1", trustDomain: "apps.east.example" } as Side;
  const again = { ...east, cluster: "prod" };

  assert.throws(() => requireDistinct([east, again]), /east and prod are contexts of one cluster/);
});

Deno.test("requireDistinct() refuses two clusters in one trust domain", () => {
  const east = { cluster: "east", identity: "uid-1", trustDomain: "apps.east.example" } as Side;
  const west = { ...east, cluster: "west", identity: "uid-2" };

  assert.throws(() => requireDistinct([east, west]), /both in trust domain apps.east.example/);
});
