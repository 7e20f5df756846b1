/** `peer` while something fails: it tells the truth, and running it again mends everything. */
import assert from "node:assert/strict";
import { writesDuring } from "./audit.ts";
import {
  authoritiesOf,
  openPair,
  ownBundle,
  refresh,
  restartSpireServer,
  setWebhook,
  storedAuthorities,
} from "./clusters.ts";
import { begin, spirefed } from "./program.ts";
import { type Cut, type Proxy, proxyTo } from "./proxy.ts";
import {
  forgetAll,
  restartApiServer,
  withoutManagedRoute,
  withPaused,
  withRouterDown,
} from "./switches.ts";
import { watchWrites } from "./writes.ts";

const [east, west] = await openPair();
const PEER = ["peer", "east", "west"] as const;

async function clean(): Promise<void> {
  await forgetAll([east, west]);
}

async function assertConverges(): Promise<void> {
  const { code, stdout, stderr } = await spirefed(PEER);
  assert.equal(code, 0, stdout + stderr);
  for (const [holder, peer] of [[east, west], [west, east]] as const) {
    assert.equal((await refresh(holder, peer.site.trustDomain)).code, 0);
    assert.deepEqual(
      await storedAuthorities(holder, peer.site.trustDomain),
      authoritiesOf(await ownBundle(peer)),
    );
  }
}

/** Both clusters behind proxies, with one eye on all that is written. */
async function watched(onWrite: (count: number) => Cut | undefined): Promise<Proxy> {
  let count = 0;
  return await watchWrites([east, west], () => onWrite(++count));
}

for (const write of [1, 2]) {
  for (const moment of ["before", "after"] as const) {
    Deno.test(`killed ${moment} write ${write}, peer leaves what a re-run mends`, async () => {
      await clean();
      const kill = (): void => child.kill("SIGKILL");
      await using proxy = await watched((count) => {
        if (count !== write) return undefined;
        if (moment === "after") return { afterBytes: 1, then: kill };
        kill();
        return "before";
      });

      const child: Deno.ChildProcess = begin(PEER, proxy.kubeconfig);
      const { signal } = await child.status;

      assert.equal(signal, "SIGKILL");
      await assertConverges();
    });
  }
}

Deno.test("while the router is down peer writes nothing and says what it could not reach", async () => {
  await clean();

  const written = await writesDuring(() =>
    withRouterDown(async () => {
      const { code, stderr } = await spirefed(PEER);
      assert.equal(code, 5, stderr);
      assert.match(stderr, /https:\/\/federation\.apps\.(east|west)\.example.*connection refused/s);
    })
  );

  assert.deepEqual([...written.values()].flat().filter(({ dryRun }) => !dryRun), []);
  await assertConverges();
});

Deno.test("an API server that restarts under the writes is waited for, or named", async () => {
  await clean();
  let restart: Promise<void> | undefined;
  await using proxy = await watched(() => {
    if (restart !== undefined) return undefined;
    restart = restartApiServer(west);
    return { afterBytes: 0 };
  });

  const { code, stdout, stderr } = await spirefed(PEER, { kubeconfig: proxy.kubeconfig });
  await restart;

  assert.ok([0, 3].includes(code), `${code}: ${stdout}${stderr}`);
  if (code === 3) assert.match(stdout + stderr, /west/);
  await assertConverges();
});

Deno.test("a SPIRE server that restarts during the wait is waited for, or named", async () => {
  await clean();
  let restart: Promise<void> | undefined;
  await using proxy = await watched(() => {
    restart ??= restartSpireServer(east);
    return undefined;
  });

  const { code, stdout, stderr } = await spirefed(PEER, { kubeconfig: proxy.kubeconfig });
  await restart;

  assert.ok([0, 3].includes(code), `${code}: ${stdout}${stderr}`);
  await assertConverges();
});

Deno.test("a controller that stands still leaves a direction unproven, and that is said", async () => {
  await clean();

  await withPaused(east, "spire-controller-manager", async () => {
    const { code, stdout, stderr } = await spirefed([...PEER, "--timeout", "20s"]);

    assert.equal(code, 124, stdout + stderr);
    assert.doesNotMatch(stdout, /east → west +trusted/);
  });

  await assertConverges();
});

Deno.test("a clock that is ten minutes off is named, and nothing is written by it", async () => {
  await clean();
  await using proxy = await proxyTo(west, { dateSkewMs: 600_000 });
  const { kubeconfig } = proxy;

  const written = await writesDuring(async () => {
    const { code, stderr } = await spirefed(PEER, { kubeconfig });
    assert.equal(code, 4, stderr);
    assert.match(stderr, /west.*clock/s);
  });

  assert.deepEqual([...written.values()].flat().filter(({ dryRun }) => !dryRun), []);
});

for (const skewMs of [7_200_000, -7_200_000]) {
  Deno.test(`an API server whose certificate is dated ${skewMs / 60_000} min off is named`, async () => {
    await using proxy = await proxyTo(west, { certificateSkewMs: skewMs });
    const { kubeconfig } = proxy;

    const { code, stderr } = await spirefed(PEER, { kubeconfig });

    assert.equal(code, 5, stderr);
    assert.match(stderr, skewMs > 0 ? /\[west\].*not yet valid/s : /\[west\].*expired/s);
  });
}

Deno.test("a connection too slow for --request-timeout ends, with the cluster named", async () => {
  await clean();
  await using proxy = await proxyTo(west, { bytesPerSecond: 200 });
  const { kubeconfig } = proxy;

  const { code, stderr } = await spirefed([...PEER, "--request-timeout", "2s"], { kubeconfig });

  assert.equal(code, 5, stderr);
  assert.match(stderr, /\[west\].*within 2 s/s);
});

Deno.test("connections that are cut now and then cost tries, not the result", async () => {
  await clean();
  let count = 0;
  const onRequest = (line: string): Cut | undefined =>
    line.startsWith("GET") && !line.includes("/exec") && ++count % 5 === 0
      ? { afterBytes: 100 }
      : undefined;
  await using proxy = await proxyTo(west, { onRequest });

  const { code, stderr } = await spirefed(PEER, { kubeconfig: proxy.kubeconfig });

  assert.equal(code, 0, stderr);
  assert.ok(count >= 5, "nothing was cut");
});

Deno.test("peer works where the webhook is live, and where the route is one's own", async () => {
  await clean();
  await setWebhook(east, "live");
  try {
    await assertConverges();
  } finally {
    await setWebhook(east, "inert");
  }
  await clean();
  await withoutManagedRoute(west, assertConverges);
});
