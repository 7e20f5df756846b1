import assert from "node:assert/strict";
import { SpirefedError } from "../errors.ts";
import { readValues, settingsFor, valuesSchema } from "./settings.ts";

Deno.test("A cluster's own values go before the common ones, and flags before both", () => {
  const values = readValues({
    channel: "a",
    persistence: { size: "1Gi", storageClass: "slow" },
    clusters: { east: { channel: "b", persistence: { storageClass: "fast" } } },
  }, "values.yaml");

  const settings = settingsFor("east", values, { channel: "c", persistence: { size: undefined } });

  assert.equal(settings.channel, "c");
  assert.deepEqual(settings.persistence, { size: "1Gi", storageClass: "fast" });
  assert.equal(settingsFor("west", values, {}).channel, "a");
});

Deno.test("A value that is none is named by its place", () => {
  assert.throws(
    () => readValues({ clusters: { east: { persistence: { accessMode: "x" } } } }, "values.yaml"),
    (error) => error instanceof SpirefedError && /clusters\.east\.persistence/.test(error.message),
  );
});

Deno.test("The published schema knows the same members as the reader", async () => {
  const file = new URL("../../docs/install-values.schema.json", import.meta.url);
  const schema = JSON.parse(await Deno.readTextFile(file));
  const names = Object.keys(valuesSchema.entries);

  assert.deepEqual(Object.keys(schema.properties).sort(), names.toSorted());
  assert.deepEqual(
    Object.keys(schema.properties.clusters.additionalProperties.properties).sort(),
    names.filter((name) => name !== "clusters").toSorted(),
  );
});
