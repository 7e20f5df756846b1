/**
 * Keeps `--help` fast in a bundle of one file.
 *
 * The bundler turns `import()` of a module of ours into a function that runs it when
 * it is first wanted, but lifts the static `node:` imports of that module to the top of
 * the file, where they cost more time than all of `--help`. Here each is taken from the
 * top and awaited at those `import()`s that lead to it, and at no other: completion of
 * context names loads no `node:` module at all.
 *
 * @module
 */

/** A part of the bundle: what one source file became. */
interface Segment {
  readonly lines: readonly string[];
  /** What the file's initialiser is called; none where it runs as the program starts. */
  readonly names: readonly string[];
  /** Initialisers that it calls, other than by `import()`. */
  readonly calls: readonly string[];
  readonly nodeImports: readonly NodeImport[];
}

/** `import { a as b } from "node:x"`: assignments `b = m.a`. */
interface NodeImport {
  readonly specifier: string;
  readonly assignments: readonly (readonly [local: string, from: string])[];
}

/** The bundler's comment above what was a file: its path, as seen from the root. */
const HEADING = /^\/\/ \S+\.\w+$/;
const INITIALISER = /^var ((?:init|require)_\w+) = __(?:esm|commonJS)\(/;
const NODE_IMPORT = /^import\s*(?:(.+?)\s*from\s*)?"(node:[^"]+)";$/;
const LAZY_IMPORT = /Promise\.resolve\(\)\.then\(\(\) => \((init_\w+)\(\)/g;
const LAZY_IMPORTS_OF_PACKAGES =
  /Promise\.resolve\(\)\.then\(\(\) => (?:__toESM\()?\(?(require_\w+)\(/g;
/** Where a file lay: nothing uses it, and it differs from machine to machine. */
const PATH_OF_INITIALISER = /^(var (?:init|require)_\w+ = __(?:esm|commonJS)\(\{\n\s*)"[^"]+"/gm;
const CALL = /\b((?:init|require)_\w+)\(\)/g;
const REQUIRE = "var __require = __deno_internal_createRequire(import.meta.url);";

/**
 * Moves the static `node:` imports of a bundle, not minified yet, to its dynamic imports.
 *
 * @throws {Error} if the start-up path needs a `node:` module, or if the bundle does not look
 * as it is known to; the build then fails.
 */
export function postponeNodeImports(bundle: string): string {
  const segments = segmentsOf(bundle);
  const specifiers = [...new Set(segments.flatMap((one) => one.nodeImports).map(specifierOf))];
  const needs = needsOf(segments, specifiers);
  refuseEarly(needs("start"));
  const body = segments.flatMap(({ lines }) => lines).join("\n")
    .replace(LAZY_IMPORT, (all, name: string) => awaiting(all, needs(name)))
    .replace(LAZY_IMPORTS_OF_PACKAGES, (all, name: string) => awaiting(all, needs(name)))
    .replace(PATH_OF_INITIALISER, '$1"0"');
  return `${loader(segments, specifiers)}\n${body}\n`;
}

function awaiting(lazyImport: string, modules: readonly number[]): string {
  if (modules.length === 0) return lazyImport;
  return lazyImport.replace("Promise.resolve()", `__node(${modules.join(", ")})`);
}

function segmentsOf(bundle: string): readonly Segment[] {
  const parts: string[][] = [[]];
  for (const line of bundle.split("\n")) {
    if (HEADING.test(line)) parts.push([]);
    else parts.at(-1)?.push(line);
  }
  return parts.map(segmentOf);
}

function segmentOf(all: readonly string[]): Segment {
  const nodeImports = all.flatMap((line) => {
    const [, clause = "", specifier] = NODE_IMPORT.exec(line) ?? [];
    return specifier === undefined ? [] : { specifier, assignments: bindings(clause) };
  });
  const lines = all.filter((line) => !NODE_IMPORT.test(line) && line !== REQUIRE);
  const left = lines.find((line) => /^(?:import|export)\b/.test(line));
  if (left !== undefined) throw new Error(`The bundle still has a static import: ${left}`);
  const text = lines.join("\n");
  const eager = text.replace(LAZY_IMPORT, "").replace(LAZY_IMPORTS_OF_PACKAGES, "");
  const requires = /\b__require\(/.test(text) ? [REQUIRE_IMPORT] : [];
  return {
    lines,
    names: lines.flatMap((line) => INITIALISER.exec(line)?.[1] ?? []),
    calls: [...eager.matchAll(CALL)].flatMap(([, name]) => name ?? []),
    nodeImports: [
      ...nodeImports.filter(({ assignments }) =>
        !assignments.some(([local]) => local.startsWith("__deno_internal"))
      ),
      ...requires,
    ],
  };
}

/** What CommonJS packages reach `node:` modules by. */
const REQUIRE_IMPORT: NodeImport = {
  specifier: "node:module",
  assignments: [["__require", "m.createRequire(import.meta.url)"]],
};

/** `{ a, b as c }`, `d`, `* as e` → what each local name is taken from. */
function bindings(clause: string): NodeImport["assignments"] {
  const [, listed = ""] = /\{([^}]*)\}/.exec(clause) ?? [];
  const outside = clause.replace(/\{[^}]*\}/, "").split(",").map((part) => part.trim());
  return [
    ...listed.split(",").filter((part) => part.trim() !== "").map((part) => {
      const [name = "", local = name] = part.trim().split(/\s+as\s+/);
      return [local, `m.${name}`] as const;
    }),
    ...outside.filter((part) => part !== "").map((part) => {
      const [, all] = /^\*\s*as\s+([\w$]+)$/.exec(part) ?? [];
      return all === undefined ? [part, "m.default"] as const : [all, "m"] as const;
    }),
  ];
}

/** The `node:` modules behind an initialiser, or behind all that runs at the `start`. */
function needsOf(
  segments: readonly Segment[],
  specifiers: readonly string[],
): (from: string) => readonly number[] {
  const home = new Map(segments.flatMap((one) => one.names.map((name) => [name, one] as const)));
  return (from) => {
    const seen = new Set(
      from === "start" ? segments.filter(({ names }) => names.length === 0) : [home.get(from)],
    );
    for (const one of seen) for (const call of one?.calls ?? []) seen.add(home.get(call));
    const needed = [...seen].flatMap((one) => one?.nodeImports ?? []).map(specifierOf);
    return specifiers.flatMap((specifier, at) => needed.includes(specifier) ? at : []);
  };
}

function specifierOf({ specifier }: NodeImport): string {
  return specifier;
}

function refuseEarly(needed: readonly number[]): void {
  if (needed.length > 0) throw new Error("The path of --help imports a node: module");
}

/** Declares what was imported, and `__node(…)`, which loads some of it, once. */
function loader(segments: readonly Segment[], specifiers: readonly string[]): string {
  const all = segments.flatMap((one) => one.nodeImports);
  const loads = specifiers.map((specifier) => {
    const assignments = all.filter((one) => one.specifier === specifier)
      .flatMap((one) => one.assignments.map(([local, from]) => `${local} = ${from};`));
    return `() => import("${specifier}").then((m) => { ${[...new Set(assignments)].join(" ")} })`;
  });
  const names = new Set(all.flatMap((one) => one.assignments.map(([local]) => local)));
  return `${names.size === 0 ? "" : `let ${[...names].join(", ")};`}
const __loads = [${loads.join(",\n")}];
const __loaded = [];
const __node = (...all) => Promise.all(all.map((at) => __loaded[at] ??= __loads[at]()));`;
}
