/**
 * The house rules that a linter can hold: see ARCHITECTURE.md.
 *
 * @module
 */

/**
 * The layers of this code base, lowest first. A module may import from its own
 * layer and from those below it. Longer names win: `lib/context.ts` before `lib/`.
 */
const LAYERS: readonly (readonly string[])[] = [
  ["lib/errors.ts", "lib/bytes.ts", "lib/spiffe/"],
  ["manifests/"],
  [
    "lib/cluster/",
    "lib/endpoint/",
    "lib/check/",
    "lib/plan/",
    "lib/output/",
    "lib/context.ts",
    "lib/permissions.ts",
  ],
  ["lib/federation/", "lib/install/", "lib/mtls/"],
  ["commands/"],
  ["mod.ts"],
];

/** Folders of adapters, with the files in them that others may see. */
const PORTS: ReadonlyMap<string, readonly string[]> = new Map([
  ["lib/cluster/", ["cluster.ts"]],
  ["lib/endpoint/", ["endpoint.ts", "connect_to.ts"]],
]);

/** What the vocabulary may use beside itself. */
const SPIFFE_MAY_USE = ["lib/errors.ts", "node:crypto"];

/** Folders of pure code: no clock, no randomness, no network, no process. */
const PURE = ["lib/spiffe/", "manifests/", "lib/check/", "lib/plan/", "lib/output/"];
const IMPURE_GLOBALS = ["fetch", "setTimeout", "setInterval", "performance"];

/** The only code that may know that it runs in Deno, beside tests and tools. */
const MAY_TOUCH_DENO = ["mod.ts", "lib/cluster/system_host.ts", "lib/permissions.ts", "sandbox/"];

/** Looks at endpoints that failed, and decides nothing. */
const DIAGNOSIS = "lib/endpoint/diagnose.ts";
/** Obeys a context that says `insecure-skip-tls-verify`. */
const KUBECONFIG_TLS = "lib/cluster/connection.ts";

const ROOT = new URL("..", import.meta.url).pathname;

const plugin: Deno.lint.Plugin = {
  name: "spirefed",
  rules: {
    layers: { create: (context) => onImports(context, layerProblem) },
    ports: { create: (context) => onImports(context, portProblem) },
    sandbox: { create: (context) => onImports(context, sandboxProblem) },
    "test-helpers": { create: (context) => onImports(context, testHelperProblem) },
    "spiffe-imports": { create: (context) => onImports(context, spiffeProblem) },
    "no-deno": { create: noDeno },
    pure: { create: pure },
    "verified-tls": { create: verifiedTls },
  },
};
export default plugin;

/** One import: from which file, of what, and how. */
interface Import {
  readonly from: string;
  /** Path from the root for a file of this project, else the specifier. */
  readonly target: string;
  readonly lazy: boolean;
}

function layerProblem({ from, target }: Import): string | undefined {
  const own = layerOf(from);
  if (own < 0 || layerOf(target) <= own) return undefined;
  return `${target} is in a higher layer than ${from}`;
}

function portProblem({ from, target }: Import): string | undefined {
  for (const [folder, ports] of PORTS) {
    if (!target.startsWith(folder) || from.startsWith(folder) || layerOf(from) < 0) continue;
    if (from === "mod.ts" || ports.includes(target.slice(folder.length))) continue;
    return `${target} is an adapter: import the port, and let mod.ts plug it in`;
  }
  return undefined;
}

function sandboxProblem({ from, target, lazy }: Import): string | undefined {
  if (!target.startsWith("sandbox/") || from.startsWith("sandbox/")) return undefined;
  if (lazy && from.startsWith("commands/sandbox/")) return undefined;
  return "sandbox/ is imported by its own command alone, and there lazily";
}

function testHelperProblem({ target }: Import): string | undefined {
  if (!isForTests(target)) return undefined;
  return `${target} is for tests`;
}

function spiffeProblem({ from, target }: Import): string | undefined {
  if (!from.startsWith("lib/spiffe/") || target.startsWith("lib/spiffe/")) return undefined;
  return SPIFFE_MAY_USE.includes(target) ? undefined : `lib/spiffe/ does not use ${target}`;
}

function onImports(
  context: Deno.lint.RuleContext,
  problemOf: (one: Import) => string | undefined,
): Deno.lint.LintVisitor {
  const from = pathOf(context.filename);
  if (isForTests(from)) return {};
  const judge = (node: Deno.lint.Node, specifier: unknown, lazy = false): void => {
    if (typeof specifier !== "string") return;
    const message = problemOf({ from, target: targetOf(specifier, context.filename), lazy });
    if (message !== undefined) context.report({ node, message });
  };
  return {
    ImportDeclaration: (node) => judge(node, node.source.value),
    ExportNamedDeclaration: (node) => judge(node, node.source?.value),
    ExportAllDeclaration: (node) => judge(node, node.source.value),
    ImportExpression: (node) => {
      if (node.source.type === "Literal") return judge(node, node.source.value, true);
      context.report({ node, message: "Import by a literal name, so that its layer can be seen" });
    },
    TSImportType: (node) => {
      if (node.argument.type === "TSLiteralType") judge(node, valueOf(node.argument.literal));
    },
  };
}

function noDeno(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  const from = pathOf(context.filename);
  if (isForTests(from) || MAY_TOUCH_DENO.some((path) => from.startsWith(path))) return {};
  return {
    Identifier(node): void {
      if (node.name !== "Deno" || isMemberName(node)) return;
      context.report({ node, message: "Only mod.ts knows the process; take it from the Context" });
    },
  };
}

function pure(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  const from = pathOf(context.filename);
  if (isForTests(from) || !PURE.some((folder) => from.startsWith(folder))) return {};
  const report = (node: Deno.lint.Node, what: string): void =>
    context.report({ node, message: `${what} has no place in pure code: take it as an argument` });
  return {
    NewExpression(node): void {
      const isDate = node.callee.type === "Identifier" && node.callee.name === "Date";
      if (isDate && node.arguments.length === 0) report(node, "The clock");
    },
    MemberExpression(node): void {
      const name = context.sourceCode.getText(node);
      if (name === "Date.now") report(node, "The clock");
      if (name === "Math.random") report(node, "Chance");
    },
    CallExpression(node): void {
      if (node.callee.type !== "Identifier" || !IMPURE_GLOBALS.includes(node.callee.name)) return;
      report(node, `${node.callee.name}()`);
    },
  };
}

function verifiedTls(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  const from = pathOf(context.filename);
  if (isForTests(from) || from === DIAGNOSIS) return {};
  return {
    Property(node): void {
      if (nameOf(node.key) !== "rejectUnauthorized" || valueOf(node.value) === true) return;
      const text = context.sourceCode.getText(node);
      if (from === KUBECONFIG_TLS && text === "rejectUnauthorized: !settings.insecure") return;
      context.report({ node, message: "Certificates are always verified: write true" });
    },
    Literal(node): void {
      if (node.value !== "NODE_TLS_REJECT_UNAUTHORIZED" || from === "mod.ts") return;
      context.report({ node, message: "Nothing here depends on this variable" });
    },
  };
}

function isMemberName(node: Deno.lint.Identifier): boolean {
  const { parent } = node;
  return parent.type === "MemberExpression" && parent.property === node && !parent.computed;
}

function nameOf(key: Deno.lint.Node): unknown {
  return key.type === "Identifier" ? key.name : valueOf(key);
}

function valueOf(node: Deno.lint.Node): unknown {
  return node.type === "Literal" ? node.value : undefined;
}

function isForTests(path: string): boolean {
  return /^(tests|tools)\/|_test\.ts$|_test_support\.ts$|(^|\/)testing_[^/]*$/.test(path);
}

function layerOf(path: string): number {
  return LAYERS.findIndex((names) =>
    names.some((name) => name.endsWith("/") ? path.startsWith(name) : path === name)
  );
}

function targetOf(specifier: string, importer: string): string {
  return specifier.startsWith(".")
    ? pathOf(new URL(specifier, `file://${importer}`).pathname)
    : specifier;
}

function pathOf(file: string): string {
  return file.startsWith(ROOT) ? file.slice(ROOT.length) : file;
}
