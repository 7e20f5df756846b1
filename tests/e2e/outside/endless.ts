/** A test that never ends, for those who want to interrupt one. */
Deno.test("runs until somebody ends it", async () => {
  await Deno.writeTextFile(Deno.env.get("SPIREFED_E2E_MARK") ?? "", "running");
  await new Promise(() => setInterval(() => {}, 60_000));
});
