/**
 * The Statuses with which an API server refuses, worded as Kubernetes words them.
 *
 * @module
 */
import type { FieldConflict } from "./field_owners.ts";
import { apiVersionOf, type Kind, resourceName } from "./kinds.ts";
import type { Status, StatusSubject } from "./model.ts";
import type { Violation } from "./validation.ts";

/** The user that practice contexts belong to. */
export const USER = "developer";

/** Any refusal. */
export function refused(
  code: number,
  reason: string,
  message: string,
  causes: Status["causes"] = [],
  about?: StatusSubject,
): Status {
  return { code, reason, message, causes, ...(about === undefined ? {} : { about }) };
}

function resourceOf({ group, plural }: Kind, name: string): StatusSubject {
  return { name, group, kind: plural };
}

/** The object is not there. */
export function notFound(kind: Kind, name: string): Status {
  const message = `${resourceName(kind)} "${name}" not found`;
  return refused(404, "NotFound", message, [], resourceOf(kind, name));
}

/** The object is there already. */
export function alreadyExists(kind: Kind, name: string): Status {
  const message = `${resourceName(kind)} "${name}" already exists`;
  return refused(409, "AlreadyExists", message, [], resourceOf(kind, name));
}

/** A precondition is not met: the version, or even the object, is another. */
export function modified(kind: Kind, name: string, replaced: boolean): Status {
  const why = replaced
    ? "Precondition failed: UID in precondition does not match the UID in object meta"
    : "the object has been modified; please apply your changes to the latest version and try again";
  return refused(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${resourceName(kind)} "${name}": ${why}`,
    [],
    resourceOf(kind, name),
  );
}

/** What was to be deleted is not what is there. */
export function anotherUid(
  kind: Kind,
  name: string,
  { wanted, held }: { readonly wanted: string; readonly held: string },
): Status {
  return refused(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${
      resourceName(kind)
    } "${name}": the UID in the precondition (${wanted}) does not match the UID in record (${held}). The object might have been deleted and then recreated`,
    [],
    resourceOf(kind, name),
  );
}

/** Server-side apply of fields that the schema lacks: a 500, though it is the caller's doing. */
export function undeclared(kind: Kind, name: string, fields: readonly string[]): Status {
  return refused(
    500,
    "InternalError",
    `failed to create typed patch object (/${name}; ${apiVersionOf(kind)}, Kind=${kind.kind}): ${
      fields.map((field) => `.${field}: field not declared in schema`).join("\n")
    }`,
  );
}

/** Any other strict write of fields that the schema lacks. */
export function unknownTo({ kind, version }: Kind, fields: readonly string[]): Status {
  return refused(
    400,
    "BadRequest",
    `${kind} in version "${version}" cannot be handled as a ${kind}: strict decoding error: ${
      fields.map((field) => `unknown field "${field}"`).join(", ")
    }`,
  );
}

/** There is no such container in the pod. */
export function noContainer(container: string, pod: string): Status {
  return refused(400, "BadRequest", `container ${container} is not valid for pod ${pod}`);
}

/** Other managers hold fields with other values. */
export function conflicted(kind: Kind, conflicts: readonly FieldConflict[]): Status {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${whoIs(manager, kind)}`,
    field: path,
  }));
  const [first] = causes;
  const message = causes.length === 1 && first !== undefined
    ? `Apply failed with 1 conflict: ${first.message}: ${first.field}`
    : `Apply failed with ${causes.length} conflicts: ${
      causes.map(({ message, field }) => `${message}: ${field}`).join("\n")
    }`;
  return refused(409, "Conflict", message, causes);
}

/** A manager that applies is told by its name, any other with the version it wrote. */
function whoIs(manager: string, kind: Kind): string {
  const [, name = manager, operation = ""] = /^(.*)\/(\w+)$/.exec(manager) ?? [];
  return operation === "Apply" ? `"${name}"` : `"${name}" using ${apiVersionOf(kind)}`;
}

/** The user may not. */
export function forbidden(verb: string, resource: string, group: string): Status {
  return refused(
    403,
    "Forbidden",
    `${resource} is forbidden: User "${USER}" cannot ${verb} resource "${
      resource.split(".")[0]
    }" in API group "${group}"`,
    [],
    { group, kind: resource.split(".")[0] ?? "" },
  );
}

/** The object is not as it must be. */
export function invalid(kind: Kind, name: string, violations: readonly Violation[]): Status {
  const list = violations.map(({ field, message }) => `${field}: ${message}`);
  const text = list.length === 1 ? list[0] : `[${list.join(", ")}]`;
  return refused(
    422,
    "Invalid",
    `${kind.kind}.${kind.group} "${name}" is invalid: ${text}`,
    violations.map(({ field, message }) => ({ reason: reasonFor(message), message, field })),
    { name, group: kind.group, kind: kind.kind },
  );
}

const REASONS: readonly (readonly [says: RegExp, reason: string])[] = [
  [/^Required value/, "FieldValueRequired"],
  [/^Unsupported value/, "FieldValueNotSupported"],
  [/^Too many/, "FieldValueTooMany"],
];

function reasonFor(message: string): string {
  return REASONS.find(([says]) => says.test(message))?.[1] ?? "FieldValueInvalid";
}

/** Whether an answer is a refusal. */
export function isStatus(answer: object): answer is Status {
  return "code" in answer && "causes" in answer;
}
