import { QueryClient } from "@tanstack/react-query";
import { expect, it } from "vitest";
import { invalidate } from "./context";

it("asks only for what a topic concerns", async () => {
  const client = new QueryClient();
  client.setQueryData(["chat", "ws"], 1);
  client.setQueryData(["chat:spc_a", "receipts"], 1);
  client.setQueryData(["people", "ws"], 1);
  invalidate(client, new Set(["chat"]));
  const stale = () => client.getQueryCache().getAll().filter((query) => query.state.isInvalidated).map((query) => query.queryKey[0]);
  expect(stale()).toEqual(["chat"]);
  invalidate(client, new Set(["*"]));
  expect(stale()).toHaveLength(3);
});

it("asks again after a first answer that a change has overtaken", async () => {
  const client = new QueryClient();
  let answer!: (value: number) => void;
  const asked = client.fetchQuery({ queryKey: ["chat", "ws"], queryFn: () => new Promise<number>((done) => (answer = done)), staleTime: Number.POSITIVE_INFINITY });
  await Promise.resolve();
  invalidate(client, new Set(["chat"]));
  answer(1);
  await asked;
  await new Promise((done) => setTimeout(done, 5));
  expect(client.getQueryState(["chat", "ws"])!.isInvalidated).toBe(true);
});
