/**
 * What is wrong with a declaration, or with what is stored.
 *
 * @module
 */
import {
  declaredByHand,
  replacedCa,
  routerDown,
  staticPeer,
  storing,
  withoutExec,
} from "../ailments.ts";
import type { Workshop } from "../practice.ts";
import {
  type BrokenWorld,
  cfdt,
  declaring,
  federation,
  polled,
  rotatedThrough,
  settled,
  withBody,
} from "./staging.ts";

/** Each alone, with what must be named first. */
export const RELATIONSHIP_WORLDS: readonly BrokenWorld[] = [
  {
    id: "F32",
    what: "static configuration alone, and no bundle",
    names: ["federation/seeded"],
    patch: [
      declaredByHand("west", "east", "federation-to-east"),
      staticPeer("east", "west"),
      polled,
    ],
  },
  {
    id: "F33",
    what: "the peer's CA was replaced",
    names: ["federation/bundle"],
    patch: [federation, polled, replacedCa("west"), polled],
  },
  {
    id: "F33 without exec",
    what: "the peer's CA was replaced, and the holder's server may not be asked",
    names: ["federation/bundle", "federation/refresh"],
    patch: [federation, polled, replacedCa("west"), withoutExec("east"), polled],
  },
  {
    id: "F34",
    what: "the endpoint's ID is wrong",
    names: ["cfdt/endpoint"],
    patch: [
      ...declaring({
        bundleEndpointProfile: {
          type: "https_spiffe",
          endpointSPIFFEID: "spiffe://apps.west.example/spire/other",
        },
      }),
    ],
  },
  {
    id: "F35",
    what: "the class is wrong",
    names: ["cfdt/class"],
    patch: declaring({ className: "spire-system-spire" }),
  },
  {
    id: "F35 missing",
    what: "the class is missing",
    names: ["cfdt/class"],
    patch: declaring({ className: undefined }),
  },
  {
    id: "F36",
    what: "the object is not valid",
    names: ["cfdt/valid"],
    patch: declaring({ bundleEndpointURL: "http://federation.apps.west.example" }),
  },
  {
    id: "F37",
    what: "a second object for one trust domain",
    names: ["cfdt/unique"],
    patch: [
      federation,
      ({ clockwork }) => clockwork.advance(2_000),
      declaredByHand("east", "west", "second"),
      settled,
    ],
  },
  {
    id: "F38",
    what: "the text was changed, to no effect",
    names: ["cfdt/embedded"],
    patch: [
      federation,
      ...rotatedThrough,
    ],
  },
  {
    id: "F39",
    what: "an edit of the URL put an old bundle back",
    names: ["federation/rolled-back"],
    patch: [
      federation,
      ...rotatedThrough,
      cfdt("federation-to-west", { bundleEndpointURL: "https://federation.apps.west.example/" }),
      settled,
    ],
  },
  {
    id: "F40",
    what: "static configuration hides the object",
    names: ["federation/drift"],
    patch: [federation, staticPeer("east", "west", "https://old.apps.west.example"), polled],
  },
  {
    id: "F41",
    what: "the peer publishes keys of a newer SPIRE",
    names: ["federation/understood"],
    patch: [
      federation,
      withBody(({ keys, ...rest }) => ({
        ...rest,
        keys: [
          ...keys as unknown[],
          { ...(keys as { use: string }[]).find(({ use }) => use === "jwt-svid"), use: "wit-svid" },
        ],
      })),
      polled,
    ],
  },
  {
    id: "F42",
    what: "trust one way only",
    names: ["cfdt/declared"],
    patch: [declaredByHand("east", "west", "federation-to-west"), settled],
  },
  {
    id: "F44",
    what: "the text is a web page",
    names: ["cfdt/valid"],
    patch: declaring({ trustDomainBundle: "<html>503</html>" }),
  },
  {
    id: "X17",
    what: "a bundle was never stored",
    names: ["federation/seeded"],
    patch: [federation, storing("east", "apps.west.example", undefined), polled],
  },
  {
    id: "expired",
    what: "everything that is stored has expired",
    names: ["federation/expired"],
    patch: [
      federation,
      routerDown("west"),
      ({ clockwork }: Workshop) => clockwork.advance(26 * 3_600_000),
      ({ mount }: Workshop) => void mount.dispatch({ type: "router", cluster: "west", up: true }),
      ({ clockwork }: Workshop) => clockwork.advance(5_000),
    ],
  },
];
