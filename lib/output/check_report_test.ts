import assert from "node:assert/strict";
import { fail, type Finding, pass, skip, warn } from "../check/check.ts";
import { renderJson } from "./json.ts";
import { renderJunit } from "./junit.ts";
import type { CheckReportResult } from "./result.ts";
import { renderCheckReport } from "./text/check_report.ts";

function finding(id: string, outcome: Finding["outcome"], because?: string): Finding {
  return { id, title: `${id} is well`, subject: "east", outcome, because };
}

const report: CheckReportResult = {
  kind: "CheckReport",
  command: "preflight",
  findings: [
    finding("api/reachable", pass("https://api.east.example:6443 in 12 ms")),
    finding("clock/skew", warn("its clock is 90 s ahead", "mend NTP on east")),
    finding("olm/catalog", fail('no \u001b[2Jcatalog <x> & "y"', "oc get catalogsources -A")),
    finding("olm/channel", skip("not asked: olm/catalog comes first"), "olm/catalog"),
  ],
  next: "oc spirefed install east",
  timings: {},
};

Deno.test("A check report puts failures first and folds what follows from them", () => {
  assert.equal(
    renderCheckReport(report, 80),
    `east
  ✗ olm/catalog               no \\u001b[2Jcatalog <x> & "y"
      next: oc get catalogsources -A
      1 check not asked because of this
  ! clock/skew                its clock is 90 s ahead
      next: mend NTP on east
  ✓ api/reachable             https://api.east.example:6443 in 12 ms
1 passed, 1 warning, 1 failed, 1 skipped
Next: oc get catalogsources -A
`,
  );
});

Deno.test("A check report in JSON is flat, and says at once whether it is well", () => {
  const { ok, kind, items } = JSON.parse(renderJson(report));

  assert.deepEqual([kind, ok, items.length], ["CheckReport", false, 4]);
  assert.deepEqual(items[3], {
    id: "olm/channel",
    subject: "east",
    title: "olm/channel is well",
    status: "skip",
    detail: "not asked: olm/catalog comes first",
    remedy: null,
    because: "olm/catalog",
  });
});

Deno.test("A check report in JUnit escapes what is hostile and counts each verdict", () => {
  const xml = renderJunit(report);

  assert.match(xml, /tests="4" failures="1" errors="0" skipped="1"/);
  assert.match(xml, /message="no \\u001b\[2Jcatalog &lt;x&gt; &amp; &quot;y&quot;"/);
  assert.match(xml, /warning: its clock is 90 s ahead; next: mend NTP on east/);
});
