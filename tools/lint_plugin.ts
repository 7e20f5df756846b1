/**
 * The house rules that a linter can hold: see ARCHITECTURE.md.
 *
 * @module
 */
const plugin: Deno.lint.Plugin = { name: "spirefed", rules: {} };
export default plugin;
