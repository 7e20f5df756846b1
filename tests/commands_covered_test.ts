/** Which test shows what of each command: this table is held against the specs and the files. */
import assert from "node:assert/strict";
import { CATALOGUE } from "../commands/catalogue.ts";

const OUTCOMES = "tests/command_outcomes_test.ts";
const PIECES = "tests/pieces_test.ts";
const ONLINE = "tests/pieces_online_test.ts";
const PEER = "tests/peer_test.ts";
const FAULTS = "tests/peer_faults_test.ts";
const PROCESS = "tests/process_test.ts";
const SANDBOX = "commands/sandbox/run_test.ts";
const PREFLIGHT = "tests/preflight_test.ts";
const INSTALL = "tests/install_test.ts";
const INSTALL_PARTS = "tests/install_parts_test.ts";
const INSTALL_FAULTS = "tests/install_faults_test.ts";
const UNPEER = "tests/unpeer_test.ts";
const CLEANUP_FEDERATION = "tests/cleanup_federation_test.ts";
const CLEANUP = "tests/cleanup_test.ts";

/** A file, and words of the name or the row of a test in it. */
type Shown = readonly [file: string, words: string];

interface Coverage {
  readonly text: Shown;
  /** Absent where the command has no `-o json`. */
  readonly json?: Shown;
  readonly again?: Shown;
  readonly dryRun?: Shown;
  /** By exit code: those of the spec, and 2. */
  readonly exits: Readonly<Record<number, Shown>>;
}

const UNKNOWN_FLAG: Shown = [OUTCOMES, "every command refuses a flag that it does not know"];
const UNREADABLE: Shown = [PIECES, "a file that cannot be read is exit code 2"];
const OFFLINE_5: Shown = [ONLINE, "what cannot be read is exit code 5"];

const COVERED: Readonly<Record<string, Coverage>> = {
  "peer": {
    text: [PEER, "peer.txt"],
    json: [PEER, "peer -o json tells clusters, plan, edges and timings"],
    again: [PEER, "peer writes nothing the second time"],
    dryRun: [PEER, "peer_dry_run.txt"],
    exits: {
      2: UNKNOWN_FLAG,
      3: [OUTCOMES, "peer_partial"],
      4: [OUTCOMES, "peer_needs_consent"],
      5: [OUTCOMES, "peer_preflight"],
      124: [FAULTS, "peer ends at --timeout with 124"],
      130: [PROCESS, "peer ends by Ctrl-C with 130, and at once by a second one"],
    },
  },
  "preflight": {
    text: [PREFLIGHT, "preflight.txt"],
    json: [PREFLIGHT, '"-o", "json"'],
    again: [PREFLIGHT, "writes nothing"],
    exits: {
      2: [PREFLIGHT, "preflight refuses settings that make no sense"],
      5: [PREFLIGHT, "preflight names each permission that is missing"],
      6: [PREFLIGHT, "preflight --fail-on warn exits 6 for warnings alone"],
    },
  },
  "install": {
    text: [INSTALL, "install.txt"],
    json: [INSTALL, "install -o json tells clusters, plan and how long each phase took"],
    again: [INSTALL, "install writes nothing the second time"],
    dryRun: [INSTALL, "install --dry-run writes nothing, and shows what it would"],
    exits: {
      2: [INSTALL_PARTS, "install --only says which part has to come first"],
      3: [INSTALL, "install tells what stands when a write is denied only when it is made"],
      4: [INSTALL, "install asks what can never be changed, and no answer is a no"],
      5: [INSTALL, "install names the permission that is missing"],
      124: [INSTALL_FAULTS, "install ends at --timeout with 124"],
      130: [INSTALL_FAULTS, "install interrupted in the middle says what stands"],
    },
  },
  "unpeer": {
    text: [UNPEER, "unpeer.txt"],
    json: [UNPEER, "unpeer -o json tells clusters, impact, plan, edges and what stays"],
    again: [UNPEER, "unpeer writes nothing the second time, and proves it gone again"],
    dryRun: [UNPEER, "unpeer --dry-run writes nothing, and shows what it would"],
    exits: {
      2: [UNPEER, "unpeer refuses what is no pair"],
      3: ["tests/unpeer_faults_test.ts", "where the controller does nothing"],
      4: [UNPEER, "unpeer asks before it deletes what somebody else made, and no answer is a no"],
      5: [UNPEER, "unpeer names each permission that is missing, before it writes anywhere"],
      124: [UNPEER, "unpeer ends at --timeout with 124"],
    },
  },
  "cleanup": {
    text: [CLEANUP, "cleanup.txt"],
    json: [CLEANUP, "cleanup -o json lists what went and what is left"],
    again: [CLEANUP, "cleanup writes nothing the second time"],
    dryRun: [CLEANUP, "cleanup --dry-run writes nothing, and tells what would stay"],
    exits: {
      2: [CLEANUP, "cleanup has no default, and says what there is to choose from"],
      3: [CLEANUP, "what hangs is named, with what holds it, and the rest waits"],
      4: [CLEANUP_FEDERATION, "stored keys that nothing declares go only after asking"],
      5: [CLEANUP, "cleanup names missing permissions before it writes"],
      124: [CLEANUP, "cleanup ends at --timeout with 124"],
    },
  },
  "bundle fetch": {
    text: [OUTCOMES, "bundle_fetch.txt"],
    json: [OUTCOMES, "bundle_fetch.json"],
    exits: {
      2: [OUTCOMES, "of half a question 2"],
      4: [ONLINE, "bundle fetch of a URL that nothing vouches for is refused"],
      5: [OUTCOMES, "bundle fetch of what cannot be read is exit code 5"],
    },
  },
  "bundle verify": {
    text: [PIECES, "bundle_verify.txt"],
    json: [PIECES, "bundle_verify.json"],
    exits: { 2: [PIECES, "bundle_verify_refused.txt"] },
  },
  "bundle diff": {
    text: [PIECES, "bundle_diff.txt"],
    json: [PIECES, "bundle_diff.json"],
    exits: { 2: UNREADABLE, 4: [PIECES, "bundle_diff_rollback.txt"] },
  },
  "cfdt gen": {
    text: [PIECES, "cfdt_gen.yaml"],
    json: [PIECES, "cfdt_gen.json"],
    again: [ONLINE, "cfdt gen --context prints the same bytes twice"],
    exits: {
      2: UNREADABLE,
      4: [ONLINE, "another trust domain than expected: exit code 4"],
      5: OFFLINE_5,
    },
  },
  "cfdt lint": {
    text: [PIECES, "cfdt_lint.txt"],
    json: [PIECES, "cfdt_lint_bad.json"],
    exits: { 2: [PIECES, "cfdt_lint_bad.txt"] },
  },
  "spiffeid gen": {
    text: [PIECES, "spiffeid_gen.yaml"],
    json: [PIECES, "spiffeid_gen.json"],
    exits: {
      2: ["commands/spiffeid/gen/run_test.ts", "refuses what is missing or wrong: exit code 2"],
      5: OFFLINE_5,
    },
  },
  "svid show": {
    text: [PIECES, "svid_show.txt"],
    json: [PIECES, "svid_show_vouched.json"],
    exits: {
      2: UNREADABLE,
      3: [PIECES, "svid_show_refused.txt"],
      5: ["tests/svid_pod_test.ts", "no such pod is exit code 5"],
    },
  },
  "sandbox": {
    text: [SANDBOX, "sandbox prints how to use it"],
    exits: {
      2: [SANDBOX, "sandbox refuses numbers that make no sense"],
      5: [SANDBOX, "sandbox says which way out when a port is taken"],
    },
  },
  "completion": {
    text: [OUTCOMES, "completion.bash"],
    exits: { 2: [OUTCOMES, "help, completion, version and sandbox refuse words"] },
  },
  "version": {
    text: [OUTCOMES, "version, completion and help answer"],
    json: [OUTCOMES, '"version", "-o", "json"'],
    exits: { 2: UNKNOWN_FLAG },
  },
  "help": {
    text: ["tests/startup_test.ts", "docs/reference.md says what --help says"],
    exits: { 2: [OUTCOMES, '"help", "nonsense"'] },
  },
};

for (const [command, { exits, json, dryRun, again, text }] of Object.entries(COVERED)) {
  Deno.test(`${command}: text, JSON, dry run and each exit code have a test`, async () => {
    const entry = CATALOGUE.find(({ spec }) => spec.path.join(" ") === command);
    assert.ok(entry !== undefined, command);
    const { flags, exits: own } = entry.spec;

    for (const { code } of [{ code: 2 }, ...own]) assert.ok(code in exits, `exit code ${code}`);
    assert.equal(json !== undefined, "output" in flags, "JSON");
    assert.equal(dryRun !== undefined, "dryRun" in flags, "--dry-run");
    if (dryRun !== undefined) assert.ok(again !== undefined, "a second run");
    for (const shown of [text, json, dryRun, again, ...Object.values(exits)]) {
      if (shown === undefined) continue;
      const [file, words] = shown;
      const source = await Deno.readTextFile(new URL(`../${file}`, import.meta.url));
      assert.ok(source.includes(words), `${file} has no "${words}"`);
    }
  });
}
