/**
 * What stays on purpose after trust was taken away, so that nobody takes it for gone.
 *
 * @module
 */
import { printable } from "../../output/printable.ts";
import type { Residue } from "../../output/change_result.ts";
import type { Holder } from "./look.ts";
import { isMinded } from "./plan.ts";
import type { Departure, UnpeerRequest } from "./request.ts";

/** Everything to say of what stays. */
export function residueOf(
  { localOnly }: Pick<UnpeerRequest, "localOnly">,
  holders: readonly Holder[],
  departures: readonly Departure[],
): readonly Residue[] {
  return [
    ...holders.flatMap(publicEndpoint),
    ...holders.flatMap((holder) => otherClasses(holder, departures)),
    ...localOnly ? departures.map(otherSide) : [],
  ];
}

function publicEndpoint({ cluster, endpoint }: Holder): readonly Residue[] {
  if (endpoint === undefined) return [];
  return [{
    cluster,
    code: "endpoint/public",
    message: `${printable(endpoint.url, 300)} stays public: spec.federation cannot be removed`,
    next: null,
  }];
}

function otherClasses(holder: Holder, departures: readonly Departure[]): readonly Residue[] {
  const names = departures.filter((departure) => departure.holder === holder.cluster)
    .map(({ trustDomain }) => trustDomain);
  const foreign = [
    ...holder.declared.filter(({ spec }) => names.some((name) => name === spec.trustDomain)),
    ...[...holder.spiffeIds, ...holder.staticEntries].filter(({ spec }) =>
      names.some((name) => spec.federatesWith?.includes(name))
    ),
  ].filter(({ spec }) => !isMinded(holder, spec));
  return foreign.map(({ kind, metadata, spec }) => ({
    cluster: holder.cluster,
    code: "object/other-class",
    message: `${kind}/${printable(metadata.name, 253)} names the peer for class ${
      printable(spec.className ?? "", 100)
    }, which another controller minds: it was left alone`,
    next: `oc --context ${holder.cluster} get ${kind.toLowerCase()} ${
      printable(metadata.name, 253)
    } -o yaml`,
  }));
}

function otherSide({ holder, peer, trustDomain }: Departure): Residue {
  return {
    cluster: holder,
    code: "peer/unchanged",
    message: `${
      peer === trustDomain ? peer : `${peer} (${trustDomain})`
    } was not spoken to: if it lives, it still trusts ${holder}`,
    next: peer === trustDomain
      ? `oc spirefed unpeer CONTEXT-OF-${trustDomain} ${holder}`
      : `oc spirefed unpeer ${holder} ${peer}`,
  };
}
