import assert from "node:assert/strict";
import { SpirefedError } from "../errors.ts";
import type { Bundle } from "../spiffe/model.ts";
import { requireFingerprints, requireOnlyFingerprints } from "./fingerprints.ts";

const bundle = {
  trustDomain: "apps.east.example",
  x509Authorities: [{ sha256: "aa" }, { sha256: "bb" }],
} as unknown as Bundle;

Deno.test("requireFingerprints() demands every root that was expected", () => {
  requireFingerprints(bundle, ["aa"]);

  assert.throws(() => requireFingerprints(bundle, ["aa", "cc"]), /expected: cc/);
});

Deno.test("requireFingerprints() does not show what is there instead", () => {
  assert.throws(
    () => requireFingerprints(bundle, ["cc"]),
    (error: SpirefedError) => !/aa|bb/.test(`${error.message}${error.remedy}`),
  );
});

Deno.test("requireOnlyFingerprints() lets one good root vouch for no other beside it", () => {
  requireOnlyFingerprints(bundle, ["aa", "bb"]);

  assert.throws(() => requireOnlyFingerprints(bundle, ["aa"]), /1 more root/);
});
