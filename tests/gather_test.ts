/** `gather`, and what status and troubleshoot make of its archive; and that secrets stay where they are. */
import assert from "node:assert/strict";
import { main } from "../commands/main.ts";
import { readTar } from "../lib/federation/gather/tar.ts";
import { logged } from "../sandbox/model.ts";
import {
  answering,
  change,
  declaredByHand,
  federated,
  replacedCa,
  routerDown,
} from "./support/ailments.ts";
import { type Practice, practice, type WorldPatch } from "./support/practice.ts";

const OUT = "case.tar.gz";
const GATHER = ["gather", "east", "west", "--out", OUT];

async function membersOf({ context }: Practice): Promise<ReadonlyMap<string, string>> {
  const packed = context.made.get(OUT);
  assert.ok(packed !== undefined, "nothing was written");
  const stream = new Blob([new Uint8Array(packed)]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
  const files = readTar(new Uint8Array(await new Response(stream).arrayBuffer()));
  return new Map([...files].map(([name, bytes]) => [name, new TextDecoder().decode(bytes)]));
}

Deno.test("gather writes one archive with facts, logs, the verdict and a first page", async () => {
  const run = await practice({ patch: federated("east", "west") });

  assert.equal(await main(GATHER, run.context), 0, run.context.err.join(""));

  const members = await membersOf(run);
  for (const name of ["index.html", "facts.json", "status.json", "status.html", "findings.json"]) {
    assert.ok(members.has(name), name);
  }
  assert.match(members.get("logs/1/spire-server-0_2fspire-server.log") ?? "", /Bundle refreshed/);
  assert.match(run.context.err.join(""), /2 contexts: at most 24 MB before compression/);
  assert.match(run.context.out.join(""), /troubleshoot --from case\.tar\.gz/);
  assert.equal(run.writes(), 0);
});

Deno.test("status and troubleshoot say of an archive what they said of the clusters", async () => {
  const run = await practice({ patch: [federated("east", "west"), replacedCa("west")] });
  const said = async (...words: readonly string[]): Promise<unknown> => {
    const code = await main([...words, "-o", "json"], run.context);
    const { timings: _timings, at: _at, ...answer } = JSON.parse(
      run.context.out.splice(0).join(""),
    );
    return { code, answer };
  };
  const live = [await said("status", "east", "west"), await said("troubleshoot", "east", "west")];

  await main(GATHER, run.context);
  run.context.out.splice(0);
  const calls = run.calls.length;
  const offline = [await said("status", "--from", OUT), await said("troubleshoot", "--from", OUT)];

  assert.deepEqual(offline[1], live[1]);
  assert.deepEqual(offline[0], live[0]);
  assert.equal(run.calls.length, calls, "an archive is judged without asking anybody");
});

Deno.test("gather writes over nothing, and asks nobody before it can write", async () => {
  const run = await practice({ files: { [OUT]: "mine" } });

  assert.equal(await main(GATHER, run.context), 5);

  assert.equal(run.calls.length, 0);
});

Deno.test("gather without the answer of a cluster is partial, and says of whom", async () => {
  const run = await practice({
    patch: federated("east", "west"),
    faults: [{ cluster: "west", verb: "*", reset: true }],
  });

  assert.equal(await main([...GATHER, "-o", "json"], run.context), 3);

  const { clusters } = JSON.parse(run.context.out.join(""));
  assert.equal(clusters[0].problem, null);
  assert.match(clusters[1].problem, /\[west\]/);
  assert.ok((await membersOf(run)).has("facts.json"));
});

Deno.test("gather that is interrupted leaves no file", async () => {
  const run = await practice({ patch: federated("east", "west") });
  const context = {
    ...run.context,
    stderr: (text: string): void => {
      run.context.stderr(text);
      run.interrupt();
    },
  };

  assert.equal(await main(GATHER, context), 130);

  assert.equal(run.context.made.size, 0);
});

Deno.test("status and troubleshoot refuse what gather did not write", async () => {
  const gzip = new Blob(["not a tar"]).stream().pipeThrough(new CompressionStream("gzip"));
  const files = {
    "plain.txt": "hello",
    "other.tar.gz": new Uint8Array(await new Response(gzip).arrayBuffer()),
  };
  const run = await practice({ files });

  for (const file of Object.keys(files)) {
    assert.equal(await main(["status", "--from", file], run.context), 2);
    assert.equal(await main(["troubleshoot", "--from", file], run.context), 2);
  }
});

Deno.test("--from goes with nothing that needs a cluster", async () => {
  const run = await practice();

  assert.equal(await main(["status", "east", "--from", OUT], run.context), 2);
  assert.equal(await main(["status", "--from", OUT, "--wait"], run.context), 2);
  assert.equal(await main(["troubleshoot", "--from", OUT, "--fix"], run.context), 2);
});

const CANARY = "canary7Zq1";

/** A secret in every place that is read, and in those beside it. */
function canaries(name: string): WorldPatch {
  return (workshop) => {
    change(name, ({ objects, spire }) => ({
      objects: new Map(
        [...objects].map(([key, held]) => {
          const manifest = {
            ...held.manifest,
            metadata: {
              ...held.manifest.metadata,
              annotations: {
                ...held.manifest.metadata.annotations,
                "kubectl.kubernetes.io/last-applied-configuration": `{"password":"${CANARY}"}`,
              },
              labels: { ...held.manifest.metadata.labels, "example.org/token": CANARY },
            },
            spec: withCanary(held.manifest["spec"]),
            ...(held.manifest.kind === "ConfigMap" ? { data: confidential(held.manifest) } : {}),
          };
          return [key, { ...held, manifest }];
        }),
      ),
      spire: logged(
        spire,
        ...[
          `level=info msg="login" token=${CANARY}`,
          `level=debug msg="Authorization: Bearer ${CANARY}${CANARY}"`,
          `level=error error="pq: password=\\"${CANARY}\\" refused" trust_domain=x`,
          `postgres://spire:${CANARY}@db/spire`,
          `-----BEGIN PRIVATE KEY-----${CANARY}-----END PRIVATE KEY-----`,
          `{"kty":"EC","d":"${CANARY}"}`,
          `client_secret: ${CANARY}`,
        ].map((text) => ({ at: workshop.mount.now, container: "spire-server", text })),
      ),
    }))(workshop);
  };
}

function withCanary(spec: unknown): unknown {
  if (typeof spec !== "object" || spec === null || Array.isArray(spec)) return spec;
  return {
    ...spec,
    datastore: { connectionString: `password=${CANARY}` },
    config: { env: [{ name: "TOKEN", value: CANARY }] },
    template: { ...(spec as { template?: object }).template, extra: CANARY },
    containers: [{ name: "x", env: [{ name: "PASSWORD", value: CANARY }] }],
  };
}

function confidential(manifest: { readonly [member: string]: unknown }): Record<string, string> {
  const data = manifest["data"] as Record<string, string>;
  const conf = data["server.conf"];
  return {
    ...data,
    credentials: CANARY,
    ...(conf === undefined ? {} : {
      "server.conf": JSON.stringify({
        ...JSON.parse(conf),
        plugins: { DataStore: [{ sql: { plugin_data: { connection_string: CANARY } } }] },
      }),
    }),
  };
}

Deno.test("no secret that lies where we look reaches an output or an archive", async () => {
  const run = await practice({
    patch: [
      federated("east", "west"),
      declaredByHand("east", "west", "leaky", {
        trustDomain: "leaky.example",
        trustDomainBundle: `{"keys":[{"use":"jwt-svid","kty":"EC","kid":"k","d":"${CANARY}"}]}`,
      }),
      canaries("east"),
      canaries("west"),
    ],
  });

  await main(GATHER, run.context);
  for (const format of ["text", "json", "junit", "html"]) {
    await main(["status", "east", "west", "-o", format], run.context);
    if (format !== "html") await main(["troubleshoot", "east", "west", "-o", format], run.context);
  }

  const members = await membersOf(run);
  const all = [...members, ["stdout", run.context.out.join("")], [
    "stderr",
    run.context.err.join(""),
  ]];
  for (const [name, text = ""] of all) {
    assert.ok(!text.includes(CANARY), `${name}: …${around(text)}…`);
  }
  assert.ok(
    all.some(([, text = ""]) => text.includes("[redacted]")),
    "the logs were gathered at all",
  );
});

function around(text: string): string {
  const at = text.indexOf(CANARY);
  return text.slice(Math.max(0, at - 80), at + 40);
}

Deno.test("an archive lets no escape sequence through", async () => {
  const evil = "\u001b[2J\u202e<script>";
  const run = await practice({
    patch: [
      federated("east", "west"),
      answering("west", { status: 500, body: evil }),
      declaredByHand("east", "west", "zz", { className: evil }),
      routerDown("east"),
    ],
  });

  await main(GATHER, run.context);

  for (const [name, text] of await membersOf(run)) {
    if (name.startsWith("logs/")) continue;
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(text, /\u001b|\u202e/, name);
    if (name.endsWith(".html")) assert.doesNotMatch(text, /<script/, name);
  }
});
