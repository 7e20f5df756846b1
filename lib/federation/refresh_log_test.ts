import assert from "node:assert/strict";
import type { TrustDomain } from "../spiffe/model.ts";
import { findRefresh } from "./refresh_log.ts";

const WEST = "apps.west.example" as TrustDomain;

const line = (at: string, rest: string): string =>
  `2026-11-24T04:00:${at}.123456789Z time="2026-11-24T04:00:${at}Z" ${rest}`;

Deno.test("findRefresh() finds the latest refresh of a trust domain", () => {
  const log = [
    line(
      "01",
      `level=info msg="Bundle refreshed" subsystem_name=bundle_client trust_domain=${WEST}`,
    ),
    line("02", `level=info msg="Bundle refreshed" trust_domain=apps.north.example`),
    line(
      "03",
      `level=error msg="Error updating bundle" error="dial: \\"x\\"" trust_domain=${WEST}`,
    ),
    "",
  ].join("\n");

  const found = findRefresh(log, WEST);

  assert.equal(found?.ok, false);
  assert.equal(found?.reason, 'dial: "x"');
  assert.equal(found?.at.getUTCSeconds(), 3);
});

Deno.test("findRefresh() reads JSON logs too", () => {
  const log =
    `2026-11-24T04:00:01Z {"level":"info","msg":"Bundle refreshed","trust_domain":"${WEST}"}`;

  assert.equal(findRefresh(log, WEST)?.ok, true);
});

Deno.test("findRefresh() is not fooled by a message that quotes the words", () => {
  const forged = line(
    "01",
    `level=error msg="peer said: msg=\\"Bundle refreshed\\" trust_domain=${WEST}" trust_domain=${WEST}`,
  );

  assert.equal(findRefresh(forged, WEST), undefined);
});

Deno.test("findRefresh() does not take a longer name for the trust domain", () => {
  const other = line("01", `level=info msg="Bundle refreshed" trust_domain=${WEST}.evil`);

  assert.equal(findRefresh(other, WEST), undefined);
});
