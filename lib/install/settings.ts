/**
 * What a user may say about an installation: everything is optional, and what is not said
 * follows from the cluster.
 *
 * @module
 */
import * as v from "valibot";
import { SpirefedError } from "../errors.ts";
import { printable } from "../output/printable.ts";

const text = v.pipe(v.string(), v.nonEmpty());

const perCluster = {
  trustDomain: v.optional(text),
  clusterName: v.optional(text),
  jwtIssuer: v.optional(text),
  caSubject: v.optional(v.strictObject({
    country: v.optional(text),
    organization: v.optional(text),
    commonName: v.optional(text),
  })),
  persistence: v.optional(v.strictObject({
    size: v.optional(text),
    accessMode: v.optional(
      v.picklist(["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"]),
    ),
    storageClass: v.optional(text),
  })),
  refreshHint: v.optional(v.pipe(v.number(), v.integer(), v.minValue(60), v.maxValue(3600))),
};

const everywhere = {
  channel: v.optional(text),
  source: v.optional(text),
  sourceNamespace: v.optional(text),
  startingCSV: v.optional(text),
  approval: v.optional(v.picklist(["automatic", "manual"])),
};

const cluster = v.strictObject({ ...everywhere, ...perCluster });

/** The form of a values file; docs/install-values.schema.json says the same to editors. */
export const valuesSchema = v.strictObject({
  ...everywhere,
  ...perCluster,
  /** By context: what is otherwise there. */
  clusters: v.optional(v.record(v.string(), cluster)),
});

/** What is said for one cluster. */
export type InstallSettings = v.InferOutput<typeof cluster>;

/** What is said for all, and for some. */
export type InstallValues = v.InferOutput<typeof valuesSchema>;

/**
 * Reads a values file.
 *
 * @throws {SpirefedError} `usage`, naming the member that is not as it should be.
 */
export function readValues(document: unknown, source: string): InstallValues {
  const result = v.safeParse(valuesSchema, document);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw new SpirefedError(
    "usage",
    `${source}: ${printable(`${path === null ? "" : `${path}: `}${issue.message}`, 300)}`,
    {
      code: "values/invalid",
      remedy: "docs/install-values.schema.json lists what there is",
    },
  );
}

/** What is said for one cluster: its own part goes before the common one, flags before both. */
export function settingsFor(
  context: string,
  values: InstallValues,
  flags: InstallSettings,
): InstallSettings {
  const { clusters, ...common } = values;
  return over(over(common, clusters?.[context] ?? {}), flags);
}

function over(base: InstallSettings, more: InstallSettings): InstallSettings {
  const said = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined));
  return {
    ...base,
    ...said,
    ...both(base.caSubject, more.caSubject, "caSubject"),
    ...both(base.persistence, more.persistence, "persistence"),
  };
}

function both(a: object | undefined, b: object | undefined, name: string): object {
  if (a === undefined && b === undefined) return {};
  const said = Object.entries(b ?? {}).filter(([, value]) => value !== undefined);
  return { [name]: { ...a, ...Object.fromEntries(said) } };
}
