/**
 * What can go wrong with bundle endpoints.
 *
 * @module
 */
import { answering, frozenBody, impostor, rotating, routerDown, routerUp } from "../ailments.ts";
import { at, beforeWrites, type FaultCase, healed } from "./case.ts";

/** The text of the page that a router shows when no pod is behind a route. */
const NO_POD = "<html><h1>Application is not available</h1></html>";

/** What can go wrong with bundle endpoints. */
export const ENDPOINT_FAULTS: readonly FaultCase[] = [
  {
    id: "E1",
    what: "an endpoint is down",
    stage: at(routerDown),
    heal: healed(routerUp),
    codes: [5],
    says: /\[\w+\] https:\/\/federation\S+: .*connection refused/,
  },
  {
    id: "E1-api",
    what: "an endpoint is out of reach from here, and bundles come from the API",
    stage: ({ struck }) => ({
      patch: routerDown(struck),
      args: ["--source", "api"],
    }),
    heal: healed(routerUp),
    codes: [3],
    says: /refused/,
  },
  {
    id: "E3",
    what: "an endpoint's connection is cut",
    stage: ({ struck }) => ({ faults: [{ cluster: struck, verb: "fetch", reset: true }] }),
    codes: [5],
    says: /reset/,
  },
  {
    id: "E4-503",
    what: "the router shows its own page",
    stage: at((name) => answering(name, { status: 503, body: NO_POD })),
    heal: healed((name) => answering(name, undefined)),
    codes: [5],
    says: /503/,
  },
  {
    id: "E4-302",
    what: "an endpoint redirects",
    stage: at((name) => answering(name, { status: 302, location: "https://else.example/" })),
    heal: healed((name) => answering(name, undefined)),
    codes: [4],
    says: /else\.example/,
  },
  {
    id: "E4-json",
    what: "an endpoint answers 200 with something else",
    stage: at((name) => answering(name, { body: '{"error":"no backend"}' })),
    heal: healed((name) => answering(name, undefined)),
    codes: [5],
    says: /keys/,
  },
  {
    id: "E5",
    what: "the first of two answers lacks a root that the API names",
    stage: (place) => ({
      patch: [frozenBody(place.struck), rotating(place.struck, "prepare")],
      faults: [{
        cluster: place.struck,
        verb: "fetch",
        nth: 2,
        meanwhile: () => answering(place.struck, undefined)(place.run()),
      }],
    }),
    codes: [0],
    says: /trusted|refreshed/,
  },
  {
    id: "E6",
    what: "another server answers at an endpoint",
    stage: ({ struck, other }) => ({ patch: impostor(struck, other) }),
    heal: healed((name) => answering(name, undefined)),
    codes: [4],
    says: /\[\w+\] /,
  },
  {
    id: "E7",
    what: "an endpoint goes down after it was authenticated",
    stage: beforeWrites(({ struck }) => routerDown(struck)),
    heal: healed(routerUp),
    codes: [3],
    says: /refused/,
    spares: true,
  },
];
