/**
 * Who owns which field: server-side apply over objects whose lists are all atomic,
 * which is what the custom resources here have.
 *
 * A leaf is a value that is no object, or an empty one; its path is spelled as an API
 * server spells it in a conflict, `.spec.trustDomainBundle`.
 *
 * @module
 */

type Fields = Readonly<Record<string, unknown>>;

const SYSTEM = new Set([
  "name",
  "namespace",
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "managedFields",
]);

/** One field that another manager holds with another value. */
export interface FieldConflict {
  readonly manager: string;
  readonly path: string;
}

/** All leaves of an object that a manager can own, by path. */
export function leavesOf(object: Fields): ReadonlyMap<string, unknown> {
  const leaves = new Map<string, unknown>();
  for (const [name, value] of Object.entries(object)) {
    if (name === "apiVersion" || name === "kind") continue;
    collect(name === "metadata" ? ownable(value as Fields) : value, [name], leaves);
  }
  return new Map([...leaves].map(([path, value]) => [spell(JSON.parse(path)), value]));
}

function ownable(metadata: Fields): Fields {
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !SYSTEM.has(name)));
}

function collect(value: unknown, path: readonly string[], into: Map<string, unknown>): void {
  if (!isFields(value) || (Object.keys(value).length === 0 && path.length > 1)) {
    into.set(JSON.stringify(path), value);
    return;
  }
  for (const [name, inner] of Object.entries(value)) collect(inner, [...path, name], into);
}

/** Quotes what would not read as a member: `.metadata.labels["spirefed/link"]`. */
function spell(path: readonly string[]): string {
  return path.map((name) => /^[\w-]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`)
    .join("");
}

function parsePath(path: string): readonly string[] {
  return [...path.matchAll(/\.([\w-]+)|\[("(?:[^"\\]|\\.)*")\]/g)].map(([, plain, quoted]) =>
    quoted === undefined ? plain ?? "" : JSON.parse(quoted) as string
  );
}

/** Whether a value has members. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether two JSON values are equal, whatever the order of their members. */
export function sameJson(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isFields(value)) return JSON.stringify(value) ?? "null";
  return `{${
    Object.keys(value).sort().filter((name) => value[name] !== undefined).map((name) =>
      `${JSON.stringify(name)}:${canonical(value[name])}`
    ).join()
  }}`;
}

/** Which fields other managers hold with other values. */
export function conflictsOf(
  live: Fields,
  wanted: ReadonlyMap<string, unknown>,
  owners: ReadonlyMap<string, ReadonlySet<string>>,
  manager: string,
): readonly FieldConflict[] {
  const held = leavesOf(live);
  const conflicts: FieldConflict[] = [];
  for (const [path, value] of wanted) {
    if (held.has(path) && sameJson(held.get(path), value)) continue;
    for (const [owner, paths] of owners) {
      if (owner !== manager && paths.has(path)) conflicts.push({ manager: owner, path });
    }
  }
  return conflicts;
}

/** The object after an apply: wanted leaves set, those this manager lets go of removed. */
export function mergeLeaves(
  live: Fields,
  wanted: ReadonlyMap<string, unknown>,
  released: readonly string[],
): Fields {
  const object = structuredClone(live) as Record<string, unknown>;
  for (const path of released) setAt(object, parsePath(path), undefined);
  for (const [path, value] of wanted) setAt(object, parsePath(path), structuredClone(value));
  return object;
}

function setAt(object: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name, ...rest] = path;
  if (name === undefined) return;
  if (rest.length === 0) {
    if (value === undefined) delete object[name];
    else object[name] = value;
    return;
  }
  if (!isFields(object[name])) {
    if (value === undefined) return;
    object[name] = {};
  }
  const inner = object[name] as Record<string, unknown>;
  setAt(inner, rest, value);
  if (value === undefined && Object.keys(inner).length === 0) delete object[name];
}

/** A merge patch (RFC 7396). */
export function mergePatch(live: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const merged: Record<string, unknown> = isFields(live) ? { ...live } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}

/**
 * A JSON patch (RFC 6902), of which `add`, `replace`, `remove` and `test`.
 *
 * @throws {Error} saying which operation does not apply.
 */
export function jsonPatch(live: unknown, operations: readonly Fields[]): unknown {
  return operations.reduce<unknown>((object, operation) => {
    const path = String(operation["path"]).split("/").slice(1).map((part) =>
      part.replaceAll("~1", "/").replaceAll("~0", "~")
    );
    return patchAt(object, path, operation);
  }, structuredClone(live));
}

function patchAt(holder: unknown, path: readonly string[], operation: Fields): unknown {
  const [name, ...rest] = path;
  const { op, value } = operation;
  if (name === undefined) return op === "test" ? check(holder, operation) : value;
  if (typeof holder !== "object" || holder === null) throw missing(operation);
  const container = holder as Record<string, unknown>;
  if (rest.length > 0) {
    container[name] = patchAt(container[name], rest, operation);
    return holder;
  }
  if (op !== "add" && !(name in container)) throw missing(operation);
  if (op === "test") check(container[name], operation);
  else if (!Array.isArray(holder)) {
    if (op === "remove") delete container[name];
    else container[name] = value;
  } else if (op === "remove") holder.splice(Number(name), 1);
  else if (op === "add") holder.splice(name === "-" ? holder.length : Number(name), 0, value);
  else holder[Number(name)] = value;
  return holder;
}

function check(found: unknown, operation: Fields): unknown {
  if (!sameJson(found, operation["value"])) {
    throw new Error(`testing path ${operation["path"]}: value differs`);
  }
  return found;
}

function missing({ op, path }: Fields): Error {
  return new Error(`${op} operation does not apply: doc is missing path: ${path}`);
}
