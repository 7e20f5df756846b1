/**
 * Spoils DER element by element, with lengths that stay right, and byte by byte.
 *
 * @module
 */
import type { Dice } from "./dice.ts";

interface Node {
  tag: number;
  /** Elements inside, or the contents of a primitive one. */
  inner: Node[] | Uint8Array;
}

/** A certificate with one to three elements spoilt. */
export function spoilDer(der: Uint8Array, dice: Dice): Uint8Array {
  if (dice.oneIn(4)) {
    const spoiled = der.slice();
    for (let times = 1 + dice.below(3); times > 0; times--) {
      const at = dice.below(spoiled.length);
      spoiled[at] = dice.oneIn(2) ? dice.below(256) : (spoiled[at] ?? 0) ^ (1 << dice.below(8));
    }
    return spoiled;
  }
  const root = parse(der);
  for (let times = 1 + dice.below(2); times > 0; times--) spoilOnce(root, dice);
  return encode(root);
}

function spoilOnce(root: Node, dice: Dice): void {
  const nodes = all(root);
  const node = dice.pick(nodes);
  if (Array.isArray(node.inner)) {
    const { inner } = node;
    const at = dice.below(inner.length || 1);
    const child = inner[at];
    switch (dice.below(6)) {
      case 0:
        inner.splice(at, 1);
        return;
      case 1:
        if (child) inner.splice(at, 0, child);
        return;
      case 2:
        inner.push(dice.pick(nodes.filter((other) => !all(other).includes(node))) ?? node);
        return;
      case 3:
        inner.reverse();
        return;
      case 4:
        node.tag = spoilTag(node.tag, dice);
        return;
      default:
        inner.splice(at, 0, { tag: dice.pick([1, 2, 3, 4, 5, 12, 0x80, 0x86]), inner: odd(dice) });
        return;
    }
  }
  if (dice.oneIn(5)) node.tag = spoilTag(node.tag, dice);
  else node.inner = spoilBody(node.inner, dice);
}

function spoilBody(body: Uint8Array, dice: Dice): Uint8Array {
  const spoiled = body.slice();
  const at = dice.below(body.length || 1);
  switch (dice.below(6)) {
    case 0:
      return odd(dice);
    case 1:
      return body.subarray(0, at);
    case 2:
      return new Uint8Array([...body, dice.below(256)]);
    case 3:
      return new Uint8Array([dice.pick([0, 1, 0x80, 0xff]), ...body]);
    default:
      if (body.length > 0) {
        spoiled[at] = dice.pick([0, 1, 0x20, 0x2e, 0x2f, 0x3a, 0x7f, 0x80, 0xff, dice.below(256)]);
      }
      return spoiled;
  }
}

function odd(dice: Dice): Uint8Array {
  return Uint8Array.from({ length: dice.below(6) }, () => dice.pick([0, 1, 0x7f, 0x80, 0xff]));
}

function spoilTag(tag: number, dice: Dice): number {
  return dice.pick([
    tag ^ 0x20,
    1,
    2,
    3,
    4,
    5,
    6,
    0x0a,
    0x0c,
    0x13,
    0x16,
    0x17,
    0x18,
    0x1e,
    0x30,
    0x31,
    0x80,
    0x81,
    0x82,
    0x86,
    0x87,
    0xa0,
    0xa1,
    0xa3,
  ]);
}

function all(node: Node): readonly Node[] {
  return Array.isArray(node.inner) ? [node, ...node.inner.flatMap(all)] : [node];
}

function parse(bytes: Uint8Array): Node {
  const [node] = parseAll(bytes) ?? [];
  if (node === undefined) throw new Error("not DER");
  return node;
}

/** Octet and bit strings that hold DER are opened too: extensions and keys. */
function parseAll(bytes: Uint8Array): Node[] | undefined {
  const nodes: Node[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at] ?? 0;
    let length = bytes[at + 1] ?? 0;
    let header = 2;
    if (length >= 0x80) {
      const octets = length & 0x7f;
      if (octets === 0 || octets > 3) return undefined;
      length = 0;
      for (let i = 0; i < octets; i++) length = length * 256 + (bytes[at + 2 + i] ?? 0);
      header += octets;
    }
    if (at + header + length > bytes.length) return undefined;
    const body = bytes.subarray(at + header, at + header + length);
    const isContainer = (tag & 0x20) !== 0 || tag === 4 && body.length > 2;
    nodes.push({ tag, inner: (isContainer ? parseAll(body) : undefined) ?? body });
    at += header + length;
  }
  return nodes;
}

function encode({ tag, inner }: Node): Uint8Array {
  const body = Array.isArray(inner)
    ? new Uint8Array(inner.flatMap((node) => [...encode(node)]))
    : inner;
  return new Uint8Array([tag, ...lengthOf(body.length), ...body]);
}

function lengthOf(length: number): readonly number[] {
  if (length < 0x80) return [length];
  if (length < 0x100) return [0x81, length];
  return [0x82, length >> 8, length & 0xff];
}
