/** Every contract. */
import { BUNDLES } from "./bundles.ts";
import type { Contract } from "./ground.ts";
import { KUBERNETES } from "./kubernetes.ts";
import { RAW_ANSWERS } from "./raw_answers.ts";
import { RELATIONSHIPS } from "./relationships.ts";

/** What the sandbox claims and real parts show. */
export const CONTRACTS: readonly Contract[] = [
  ...KUBERNETES,
  ...RAW_ANSWERS,
  ...BUNDLES,
  ...RELATIONSHIPS,
];
