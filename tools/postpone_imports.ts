/**
 * Keeps `--help` fast in a bundle of one file.
 *
 * The bundler turns `import()` of a module of ours into a function that runs it when
 * it is first wanted, but lifts its static `node:` imports to the top of the file, where
 * they cost more time than all of `--help`. Here they are taken from the top and awaited
 * at those `import()`s instead.
 *
 * @module
 */

/** What the bundler writes for `import()` of a module that is in the bundle. */
const LAZY_IMPORT = "Promise.resolve().then(()=>(";

const NODE_IMPORT = /import\s*(?:([^"';]*?)\s*from\s*)?"(node:[^"]+)";/g;
const REQUIRE = /var ([\w$]+)=__deno_internal_createRequire\(import\.meta\.url\);/;

/**
 * Moves the static `node:` imports of a minified bundle to its dynamic imports.
 *
 * @throws {Error} if the bundle does not look as it is known to; the build then fails.
 */
export function postponeNodeImports(bundle: string): string {
  const names: string[] = [];
  const loads: string[] = [];
  const body = bundle
    .replace(REQUIRE, (_all, name: string) => {
      names.push(name);
      loads.push(`import("node:module").then(m=>{${name}=m.createRequire(import.meta.url)})`);
      return "";
    })
    .replace(NODE_IMPORT, (_all, clause: string | undefined, specifier: string) => {
      const bound = bindings(clause ?? "");
      if (bound.every(([local]) => local.startsWith("__deno_internal"))) return "";
      names.push(...bound.map(([local]) => local));
      const assignments = bound.map(([local, from]) => `${local}=${from}`).join(";");
      loads.push(`import("${specifier}").then(m=>{${assignments}})`);
      return "";
    })
    .replaceAll(LAZY_IMPORT, "$nodeModules().then(()=>(");
  refuseLeftovers(body);
  const loader = `let $loaded;const $nodeModules=()=>$loaded??=Promise.all([${loads.join(",")}]);`;
  return `let ${names.join(",")};${loader}${body}`;
}

/** `a,{b as c}` → what each local name is taken from. */
function bindings(clause: string): readonly (readonly [local: string, from: string])[] {
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

function refuseLeftovers(body: string): void {
  const left = /(?:^|[;}])(?:import|export)\s*[{*"\w$][^;]{0,80}/.exec(
    body.replace(/import\.meta/g, ""),
  );
  if (left !== null) throw new Error(`The bundle still has a static import or export: ${left[0]}`);
}
