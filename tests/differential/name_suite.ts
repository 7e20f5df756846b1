/**
 * SPIFFE IDs and names of trust domains.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import {
  parseSpiffeId,
  pathOf,
  spiffeIdComplaint,
  trustDomainOf,
} from "../../lib/spiffe/spiffe_id.ts";
import { trustDomainComplaint } from "../../lib/spiffe/trust_domain.ts";
import { Dice } from "./dice.ts";
import type { Case } from "./suite.ts";

const PIECES = [
  ..."abzAZ09._-/:@?#% \n\u00e9\0~!$&'()*+,;=[]\\|^`{}<>\"",
  ..."spiffe://,SPIFFE://,spiffe:,//,..,/./,east.example,/spire/server,%2f".split(","),
  ..."a.b,1.2.3.4,xn--a".split(","),
  "a".repeat(250),
  "b".repeat(2000),
];
const STARTS = [
  "spiffe://",
  "spiffe://east.example",
  "spiffe://east.example/",
  "",
  "spiffe://a/b/c",
];

/** Seeded names and IDs. */
export function nameCases(count: number, seed: number): readonly Case[] {
  const dice = new Dice(seed);
  const cases: Case[] = [];
  while (cases.length < count) {
    const pieces = Array.from({ length: dice.below(7) }, () => dice.pick(PIECES)).join("");
    cases.push(idCase(dice.pick(STARTS) + pieces));
    cases.push(trustDomainCase(dice.oneIn(4) ? dice.pick(STARTS) + pieces : pieces));
  }
  return cases;
}

function idCase(text: string): Case {
  const complaint = spiffeIdComplaint(text);
  return {
    question: { kind: "id", text },
    part: "go-spiffe",
    refusal: complaint?.replace(/".*"/, "…"),
    contradictions: ({ "go-spiffe": said }) => {
      const id = parseSpiffeId(text);
      const ours = { path: pathOf(id), trustDomain: trustDomainOf(id) };
      return isDeepStrictEqual(said?.facts, ours) ? [] : ["other parts"];
    },
  };
}

function trustDomainCase(text: string): Case {
  return {
    question: { kind: "trust-domain", text },
    part: "go-spiffe",
    refusal: trustDomainComplaint(text),
    contradictions: ({ "go-spiffe": said }) => said?.facts === text ? [] : ["another name"],
  };
}
