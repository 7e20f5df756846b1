/**
 * A shop that runs already in a practice cluster: two pods, a service, and routes to it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { main } from "../../commands/main.ts";
import type { ExecResult } from "../../lib/cluster/cluster.ts";
import type { Context } from "../../lib/context.ts";
import type { Manifest } from "../../manifests/manifest.ts";
import { withoutExec } from "./ailments.ts";
import { type Practice, practice, type PracticeOptions } from "./practice.ts";
import { type Script, scripted, withCluster } from "./scripted_probes.ts";

/** What SPIRE gives the shop's pods. */
export const CART_ID = "spiffe://apps.east.example/ns/shop/sa/default";

/** How the shop differs from a healthy one. */
export interface ShopOptions extends PracticeOptions {
  readonly script?: Script;
  /** Routes by name, with how they end TLS. */
  readonly routes?: Readonly<Record<string, "passthrough" | "edge">>;
  readonly federatesWith?: readonly string[];
  readonly phase?: string;
  /** Nobody may exec in east, once it is peered. */
  readonly denied?: boolean;
  readonly admitted?: "True" | "False";
  /** What the SPIRE server answers to a command, where it is not the World's. */
  readonly exec?: (command: readonly string[]) => ExecResult | undefined;
  /** Without a ClusterSPIFFEID that chooses the pods. */
  readonly withoutEntry?: boolean;
}

/** What a command line came to. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly practice: Practice;
}

/** Runs a command line where a shop has two pods, a service, and routes to it. */
export async function inShop(words: readonly string[], options: ShopOptions = {}): Promise<Ran> {
  const one = await practice(options);
  assert.equal(await main(["peer", "east", "west"], one.context), 0);
  const east = one.cluster("east");
  for (const object of shop(options)) await east.create(object);
  await one.tick(20_000);
  if (options.denied === true) await withoutExec("east")(one);
  one.context.out.length = 0;
  one.context.err.length = 0;
  one.calls.length = 0;
  const { script, exec } = options;
  const context = scripted(one, script === undefined ? {} : { script });
  const code = await main([...words], exec === undefined ? context : answering(context, exec));
  return { code, out: one.context.out.join(""), err: one.context.err.join(""), practice: one };
}

function answering(context: Context, exec: NonNullable<ShopOptions["exec"]>): Context {
  return withCluster(context, (cluster) => ({
    exec: (container, command, options) => {
      const answer = exec(command);
      return answer === undefined
        ? cluster.exec(container, command, options)
        : Promise.resolve(answer);
    },
  }));
}

function shop(
  {
    routes = { cart: "passthrough" },
    federatesWith = ["apps.west.example"],
    phase = "Running",
    admitted = "True",
    withoutEntry = false,
  }: ShopOptions,
): readonly Manifest[] {
  const labels = { app: "cart" };
  const pods = ["cart-0", "cart-1"].map((name) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "shop", labels: { ...labels, pod: name } },
    spec: { volumes: [{ name: "spiffe", csi: { driver: "csi.spiffe.io" } }] },
    status: { phase },
  }));
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
    ...pods,
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "cart", namespace: "shop" },
      spec: { selector: labels, ports: [{ port: 443 }] },
    },
    ...Object.entries(routes).map(([name, termination]) => ({
      apiVersion: "route.openshift.io/v1",
      kind: "Route",
      metadata: { name, namespace: "shop" },
      spec: {
        host: `${name}.apps.east.example`,
        to: { kind: "Service", name: "cart" },
        tls: { termination },
      },
      status: { ingress: [{ conditions: [{ type: "Admitted", status: admitted }] }] },
    })),
    ...withoutEntry ? [] : [{
      apiVersion: "spire.spiffe.io/v1alpha1",
      kind: "ClusterSPIFFEID",
      metadata: { name: "cart" },
      spec: {
        className: "zero-trust-workload-identity-manager-spire",
        spiffeIDTemplate: CART_ID,
        podSelector: { matchLabels: labels },
        federatesWith,
      },
    }],
  ];
}
