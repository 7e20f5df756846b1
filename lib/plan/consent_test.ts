import assert from "node:assert/strict";
import { SpirefedError } from "../errors.ts";
import { asksOf, consent, type Consenting } from "./consent.ts";
import type { Ask, Step } from "./plan.ts";

const MAY: Ask = { question: "Restart it?", evidence: ["for a minute"], yes: true };
const MAY_NOT: Ask = {
  question: "Trust it under that name?",
  evidence: [],
  yes: false,
  flag: "--expect-trust-domain west=apps.west.example",
};

function stepWith(...asks: readonly Ask[]): Step {
  return { action: "patch", cluster: "east", why: "", held: [], resourceVersion: "1", asks };
}

function person(answer: string | undefined, { yes = false } = {}): Consenting & { said: string[] } {
  const said: string[] = [];
  return { yes, ask: () => Promise.resolve(answer), stderr: (text) => said.push(text), said };
}

Deno.test("consent() asks each question once, however many steps need it", () => {
  assert.equal(asksOf([stepWith(MAY), stepWith(MAY, MAY_NOT)]).length, 2);
});

Deno.test("consent() takes nothing but yes for yes", async () => {
  await consent([stepWith(MAY)], person("yes"));

  await assert.rejects(consent([stepWith(MAY)], person("y")), /Restart it.* Not agreed to/);
  await assert.rejects(consent([stepWith(MAY)], person("")), SpirefedError);
});

Deno.test("consent() refuses with exit 4 where nobody can be asked, and names --yes", async () => {
  await assert.rejects(
    consent([stepWith(MAY)], person(undefined)),
    (error: SpirefedError) => error.exitCode === 4 && /--yes/.test(error.remedy ?? ""),
  );
});

Deno.test("consent() lets --yes agree only to what it may agree to", async () => {
  await consent([stepWith(MAY)], person(undefined, { yes: true }));

  await assert.rejects(
    consent([stepWith(MAY_NOT)], person(undefined, { yes: true })),
    (error: SpirefedError) =>
      error.exitCode === 4 && /--expect-trust-domain west=/.test(error.remedy ?? ""),
  );
});

Deno.test("consent() shows the evidence before it asks", async () => {
  const someone = person("yes");

  await consent([stepWith(MAY)], someone);

  assert.match(someone.said.join(""), /Restart it\?\n {2}for a minute/);
});
