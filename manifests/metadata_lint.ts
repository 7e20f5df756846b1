/**
 * Judges an object's metadata as an API server reads it.
 *
 * @module
 */
import type { Problem } from "../lib/spiffe/model.ts";
import { unknownFields } from "./cluster_federated_trust_domain_fields.ts";
import { isObjectName } from "./object_name.ts";
import { isRecord } from "./raw_object.ts";

/** Members of `metadata` (`ObjectMeta`) and what they hold. */
const FIELDS: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  name: string,
  generateName: string,
  namespace: string,
  selfLink: string,
  uid: string,
  resourceVersion: string,
  generation: number,
  creationTimestamp: string,
  deletionTimestamp: string,
  deletionGracePeriodSeconds: number,
  labels: strings,
  annotations: strings,
  ownerReferences: list,
  finalizers: list,
  managedFields: list,
};

const PATH = "/metadata";

/**
 * Answers an error for a name that is none, and for each member that an API server
 * refuses. A label such as `on` without quotes is not text to it.
 */
export function lintMetadata(value: unknown): readonly Problem[] {
  const metadata = isRecord(value) ? value : {};
  const generated = typeof metadata.generateName === "string" && metadata.name === undefined;
  const isNamed = generated || typeof metadata.name === "string" && isObjectName(metadata.name);
  return [
    ...isNamed ? [] : [problem("cfdt/name", NAME_MESSAGE, `${PATH}/name`)],
    ...unknownFields(metadata, Object.keys(FIELDS), PATH),
    ...Object.entries(FIELDS).flatMap(([field, judge]) => {
      const complaint = field === "name" ? undefined : judge(metadata[field] ?? undefined);
      return complaint === undefined ? [] : [
        problem("cfdt/metadata", `${field} ${complaint}`, `${PATH}/${field}`),
      ];
    }),
  ];
}

const NAME_MESSAGE = "The name must be one of an object: letters, digits, dots and dashes";

function problem(code: string, message: string, path: string): Problem {
  return { severity: "error", code, message, path };
}

function string(value: unknown): string | undefined {
  if (value === undefined || typeof value === "string") return undefined;
  return "must be text; put it in quotes";
}

function number(value: unknown): string | undefined {
  return value === undefined || Number.isSafeInteger(value) ? undefined : "must be a whole number";
}

function list(value: unknown): string | undefined {
  return value === undefined || Array.isArray(value) ? undefined : "must be a list";
}

function strings(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (!isRecord(value)) return "must be names with values";
  const odd = Object.entries(value).find(([, text]) => text !== null && typeof text !== "string");
  return odd && `holds ${JSON.stringify(odd[0])}, whose value is not text; put it in quotes`;
}
