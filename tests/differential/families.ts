/**
 * Roots, intermediates and leaves that hang together, each with its own oddity.
 *
 * @module
 */
import {
  extension,
  intermediate,
  KEYS,
  leaf,
  type Minted,
  type Minting,
  NOW,
  root,
  USAGE,
} from "../../lib/spiffe/testing_certificates.ts";
import type { Dice } from "./dice.ts";

/** Certificates that issued each other. */
export interface Family {
  readonly roots: readonly Minted[];
  readonly middles: readonly Minted[];
  readonly leaves: readonly Minted[];
}

const SERVER = "1.3.6.1.5.5.7.3.1";
const CLIENT = "1.3.6.1.5.5.7.3.2";
const PURPOSES = [[SERVER], [CLIENT], [SERVER, CLIENT], ["1.3.6.1.5.5.7.3.4"], ["2.5.29.37.0"]];
const DAY = 86_400_000;

const EXTENSIONS = [
  extension("2.5.29.30", "300ea00c300a8608652e6578616d706c"), // name constraints
  extension("2.5.29.36", "3003800100"), // policy constraints
  extension("2.5.29.32", "300a3008060667810c010201", false), // policies
  extension("1.2.3.4", "0500"),
  extension("1.2.3.4", "0500", false),
];

const LEAF_URIS = [
  [],
  ["spiffe://east.example/a", "spiffe://east.example/b"],
  ["https://east.example/"],
  ["spiffe://west.example/a"],
  ["spiffe://east.example"],
  ["spiffe://EAST.example/a"],
  ["spiffe://east.example/a/"],
  ["spiffe://east.example:80/a"],
  ["spiffe://east.example/a%20b"],
  ["spiffe://east.example/a?b"],
  ["spiffe://user@east.example/a"],
];

const LEAF_USAGES = [
  null,
  USAGE.keyEncipherment,
  USAGE.digitalSignature,
  USAGE.digitalSignature | USAGE.keyCertSign,
  USAGE.digitalSignature | USAGE.cRLSign,
];

/** Mints a family; what is odd about it follows from the dice. */
export async function mintFamily(dice: Dice): Promise<Family> {
  const [roots, middles, leaves]: [Minted[], Minted[], Minted[]] = [[], [], []];
  for (let n = 1 + dice.below(2); n > 0; n--) roots.push(await root(rootMinting(dice)));
  for (let n = dice.below(4); n > 0; n--) {
    const minting = { subject: `CN=middle ${n}`, ...authorityMinting(dice) };
    middles.push(await intermediate(dice.pick([...roots, ...middles]), minting));
  }
  for (let n = 4; n > 0; n--) {
    leaves.push(await leaf(dice.pick([...roots, ...middles, ...middles]), leafMinting(dice)));
  }
  return { roots, middles, leaves };
}

/** One that a bundle takes; what it refuses is compared elsewhere. */
function rootMinting(dice: Dice): Minting {
  const { usage = USAGE.keyCertSign, ...minting } = authorityMinting(dice);
  return { ...minting, isCa: true, usage: usage === null ? null : usage | USAGE.keyCertSign };
}

function authorityMinting(dice: Dice): Minting {
  if (dice.oneIn(2)) return {};
  const id = dice.pick([
    "spiffe://east.example",
    "spiffe://west.example",
    "spiffe://east.example/a",
  ]);
  return dice.pick<() => Minting>([
    () => ({ uris: [id] }),
    () => ({ isCa: false }),
    () => ({ usage: dice.pick([null, USAGE.cRLSign, USAGE.keyCertSign, USAGE.digitalSignature]) }),
    () => ({ pathLength: dice.below(3) }),
    () => ({ notAfter: near(dice) }),
    () => ({ notBefore: near(dice) }),
    () => ({ extensions: [dice.pick(EXTENSIONS)] }),
    () => ({ purposes: dice.pick(PURPOSES) }),
    () => ({ key: dice.pick(["p256", "p384", "p521", "ed25519"] as const) }),
    () => ({ subject: dice.pick(["CN=a", "CN=b", "CN=east root,O=SPIFFE"]) }),
  ])();
}

function leafMinting(dice: Dice): Minting {
  if (dice.oneIn(3)) return {};
  const odd = (): Minting =>
    dice.pick<() => Minting>([
      () => ({ uris: dice.pick(LEAF_URIS) }),
      () => ({ isCa: true }),
      () => ({ usage: dice.pick(LEAF_USAGES) }),
      () => ({ purposes: dice.pick([null, ...PURPOSES]) }),
      () => ({ notAfter: near(dice) }),
      () => ({ notBefore: near(dice) }),
      () => ({ extensions: [dice.pick(EXTENSIONS)] }),
      () => ({ key: dice.pick(Object.keys(KEYS) as (keyof typeof KEYS)[]) }),
    ])();
  return dice.oneIn(4) ? { ...odd(), ...odd() } : odd();
}

function near(dice: Dice): Date {
  return new Date(NOW.getTime() + DAY * dice.pick([-1, 0, 1]));
}
