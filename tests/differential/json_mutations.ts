/**
 * Spoils JSON where it hurts: members, names, numbers, base64.
 *
 * @module
 */
import type { Dice } from "./dice.ts";

/** JSON with room for what JSON.stringify cannot write: repeated members and raw text. */
type Tree =
  | { readonly raw: string }
  | { readonly text: string }
  | { readonly items: Tree[] }
  | { readonly members: [name: string, value: Tree][] };

/** Takes a value apart. */
function treeOf(value: unknown): Tree {
  if (typeof value === "string") return { text: value };
  if (Array.isArray(value)) return { items: value.map(treeOf) };
  if (typeof value === "object" && value !== null) {
    return { members: Object.entries(value).map(([name, inner]) => [name, treeOf(inner)]) };
  }
  return { raw: JSON.stringify(value) };
}

function print(tree: Tree): string {
  if ("raw" in tree) return tree.raw;
  if ("text" in tree) return JSON.stringify(tree.text);
  if ("items" in tree) return `[${tree.items.map(print).join()}]`;
  return `{${tree.members.map(([name, value]) => `${JSON.stringify(name)}:${print(value)}`)}}`;
}

const RAW = [
  ..."null,true,false,0,-0,1,-1,1.0,1e2,01,7,59,60,9223372036,9223372037".split(","),
  ..."9223372036854775807,9223372036854775808,18446744073709551615".split(","),
  ...'18446744073709551616,"","x",[],{},[null],[[]],"\\ud800","\\u0000"'.split(","),
];
const NAMES = [
  ..."keys,Keys,KEYS,\u212aeys,key\u017f,spiffe_sequence,SPIFFE_SEQUENCE,spiffe_refresh_hint".split(
    ",",
  ),
  ..."kty,Kty,use,USE,u\u017fe,kid,\u212aid,x5c,X5C,x5t,x5t#S256,x5u,n,e,x,y,crv,alg,d,k,p,key_ops"
    .split(","),
  ..."__proto__,constructor,toString,,a b,comment".split(","),
];
const USES = ["x509-svid", "jwt-svid", "wit-svid", "", "sig", "X509-SVID", "x509-svid "];
const TYPES = ["RSA", "EC", "OKP", "oct", "AKP", "ec", "", "EC "];
const CURVES = ["P-256", "P-384", "P-521", "Ed25519", "X25519", "secp256k1", "p-256", ""];

/** A document with one to three members spoilt. `pool` holds keys to take parts from. */
export function spoilJson(
  document: unknown,
  pool: readonly Readonly<Record<string, unknown>>[],
  dice: Dice,
): string {
  const tree = treeOf(document);
  for (let times = 1 + dice.below(3); times > 0; times--) spoilOnce(tree, pool, dice);
  const text = print(tree);
  if (dice.oneIn(40)) return dice.pick(["\ufeff", " ", "\n", "//", "0"]) + text;
  if (dice.oneIn(40)) return text + dice.pick(["{}", "x", "\n", ",", "\u0000", " \t\r\n"]);
  return text;
}

function spoilOnce(
  root: Tree,
  pool: readonly Readonly<Record<string, unknown>>[],
  dice: Dice,
): void {
  const tree = dice.pick(containers(root));
  if ("items" in tree) return spoilItems(tree.items, pool, dice);
  if (!("members" in tree)) return;
  const { members } = tree;
  const at = dice.below(members.length || 1);
  const member = members[at];
  switch (dice.below(10)) {
    case 0:
      members.splice(at, 1);
      return;
    case 1:
      if (member) members.splice(dice.below(members.length + 1), 0, [member[0], member[1]]);
      return;
    case 2:
      members.splice(dice.below(members.length + 1), 0, [dice.pick(NAMES), {
        raw: dice.pick(RAW),
      }]);
      return;
    case 3:
      if (member) member[0] = dice.oneIn(2) ? member[0].toUpperCase() : dice.pick(NAMES);
      return;
    case 4:
    case 5:
      return spoilKnown(members, dice);
    case 6: {
      const [name, value] = dice.pick(Object.entries(dice.pick(pool)));
      if (dice.oneIn(2)) return replace(members, name, treeOf(value));
      members.push([name, treeOf(value)]);
      return;
    }
    case 7:
      if (member && "text" in member[1]) member[1] = { text: spoilText(member[1].text, dice) };
      return;
    case 8:
      if (member && dice.oneIn(2)) member[1] = { text: "A".repeat(dice.below(90)) };
      return;
    default:
      if (member) member[1] = { raw: dice.pick(RAW) };
  }
}

function spoilKnown(members: [string, Tree][], dice: Dice): void {
  const [name, values] = dice.pick(
    [
      ["use", USES],
      ["kty", TYPES],
      ["crv", CURVES],
      ["kid", ["", "a", "__proto__", "\u0000", "é", "authority"]],
      ["e", ["AQAB", "AQ", "Ag", "AAEAAQ", "AQABAQAB", "f____w", "gAAAAA", ""]],
      ["x5t#S256", ["", "AA", "A".repeat(43), "A".repeat(86)]],
      ["x5u", [
        "https://a.example/x",
        "http://[",
        "x y",
        "::",
        "/a",
        "%",
        "https://a:b",
        "https://é",
      ]],
    ] as const,
  );
  replace(members, name, { text: dice.pick(values) });
}

function replace(members: [string, Tree][], name: string, value: Tree): void {
  const found = members.find(([known]) => known === name);
  if (found === undefined) members.push([name, value]);
  else found[1] = value;
}

function spoilItems(
  items: Tree[],
  pool: readonly Readonly<Record<string, unknown>>[],
  dice: Dice,
): void {
  const at = dice.below(items.length || 1);
  const item = items[at];
  switch (dice.below(6)) {
    case 0:
      items.splice(at, 1);
      return;
    case 1:
      if (item) items.push(item);
      return;
    case 2:
    case 3:
      if (item && "text" in item) items[at] = { text: spoilText(item.text, dice) };
      else items.splice(at, 0, treeOf(dice.pick(pool)));
      return;
    case 4:
      items.splice(at, 0, { raw: dice.pick(RAW) });
      return;
    default:
      if (item && "text" in item) items[at] = { raw: dice.pick(RAW) };
      else items.reverse();
  }
}

function spoilText(text: string, dice: Dice): string {
  const at = dice.below(text.length + 1);
  const insert = dice.pick([
    "\n",
    "\r\n",
    " ",
    "=",
    "==",
    "A",
    "-",
    "_",
    "+",
    "/",
    "é",
    "\u0000",
    "",
  ]);
  switch (dice.below(4)) {
    case 0:
      return text.slice(0, at) + insert + text.slice(at);
    case 1:
      return text + insert;
    case 2:
      return text.slice(0, at) + dice.pick([..."ABCgwQ019az"]) + text.slice(at + 1);
    default:
      return text.slice(0, -1 - dice.below(3));
  }
}

function containers(tree: Tree): readonly Tree[] {
  if ("items" in tree) return [tree, ...tree.items.flatMap(containers)];
  if ("members" in tree) return [tree, ...tree.members.flatMap(([, inner]) => containers(inner))];
  return [];
}
