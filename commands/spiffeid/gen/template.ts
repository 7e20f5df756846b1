/**
 * Templates of SPIFFE IDs, as far as they can be judged before a pod is there.
 *
 * @module
 */
import { SpirefedError } from "../../../lib/errors.ts";

/**
 * Answers a warning, or nothing.
 *
 * @throws {SpirefedError} `usage`, when no ID can come of it.
 */
export function judgeTemplate(template: string | undefined): string | undefined {
  if (template === undefined) return undefined;
  if (!template.startsWith("spiffe://") || !isBalanced(template)) {
    throw new SpirefedError("usage", `${JSON.stringify(template)} is no template of a SPIFFE ID`, {
      remedy: "for example 'spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}'",
    });
  }
  return /^spiffe:\/\/\{\{-? *\.TrustDomain *-?\}\}\//.test(template)
    ? undefined
    : "the template does not begin with spiffe://{{ .TrustDomain }}/: an ID outside the " +
      "cluster's own trust domain is refused";
}

/** Every `{{` has its `}}`, one after the other. */
function isBalanced(template: string): boolean {
  return [...template.matchAll(/\{\{|\}\}/g)]
    .every(([brace], at) => brace === (at % 2 === 0 ? "{{" : "}}")) &&
    template.split("{{").length === template.split("}}").length;
}
