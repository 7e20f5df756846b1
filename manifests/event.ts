/**
 * Events: what Kubernetes says of an object as it goes along. For why a volume cannot be
 * mounted there is no other place.
 *
 * @module
 */
import * as v from "valibot";
import type { Resource } from "./manifest.ts";
import { objectEntries, reader } from "./reading.ts";

const schema = v.object({
  ...objectEntries,
  type: v.exactOptional(v.string(), ""),
  reason: v.exactOptional(v.string(), ""),
  message: v.exactOptional(v.string(), ""),
  involvedObject: v.object({
    kind: v.exactOptional(v.string(), ""),
    name: v.exactOptional(v.string(), ""),
  }),
});

/** An event. */
export type Event = v.InferOutput<typeof schema>;

/** How to find and read events. */
export const EVENTS: Resource<Event> = {
  apiVersion: "v1",
  kind: "Event",
  plural: "events",
  namespaced: true,
  parse: reader(schema),
};
