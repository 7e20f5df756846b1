import assert from "node:assert/strict";
import { postponeNodeImports } from "./postpone_imports.ts";

/** As the bundler writes it: a lazy module that needs `node:crypto`, and one that needs nothing. */
const BUNDLE = `import { createRequire as __deno_internal_createRequire } from "node:module";
var __require = __deno_internal_createRequire(import.meta.url);

// lib/hash.ts
import { createHash as createHash2 } from "node:crypto";
var init_hash = __esm({
  "lib/hash.ts"() {
    hash = createHash2;
  }
});

// lib/plain.ts
var init_plain = __esm({
  "lib/plain.ts"() {
  }
});

// lib/uses_hash.ts
var init_uses_hash = __esm({
  "lib/uses_hash.ts"() {
    init_hash();
  }
});

// mod.ts
const lazy = () => Promise.resolve().then(() => (init_uses_hash(), uses_hash_exports));
const plain = () => Promise.resolve().then(() => (init_plain(), plain_exports));
`;

Deno.test("postponeNodeImports() awaits a node: module only where an import() leads to it", () => {
  const text = postponeNodeImports(BUNDLE);

  assert.match(text, /__node\(0\)\.then\(\(\) => \(init_uses_hash\(\)/);
  assert.match(text, /Promise\.resolve\(\)\.then\(\(\) => \(init_plain\(\)/);
  assert.match(
    text,
    /import\("node:crypto"\)\.then\(\(m\) => \{ createHash2 = m\.createHash; \}\)/,
  );
  assert.doesNotMatch(text, /^import /m);
  assert.doesNotMatch(text, /lib\/hash\.ts/);
});

Deno.test("postponeNodeImports() refuses a node: module on the path of --help", () => {
  const eager = BUNDLE.replace("// mod.ts\n", "// mod.ts\ninit_hash();\n");

  assert.throws(() => postponeNodeImports(eager), /path of --help imports a node: module/);
});

Deno.test("postponeNodeImports() refuses what it does not understand", () => {
  assert.throws(
    () => postponeNodeImports(`${BUNDLE}import "https://example.org/x.js";\n`),
    /still has a static import/,
  );
});
