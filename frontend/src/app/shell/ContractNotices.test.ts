import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { ContractRowSchema, ContractState, type ContractRow } from "../../api";
import { endsIn, news } from "./ContractNotices";

const row = (state: ContractState, more: Partial<ContractRow> = {}) => create(ContractRowSchema, { id: "spc_1", state, ...more } as never);

it("tells what its people want to know, once", () => {
  const running = row(ContractState.RUNNING);
  const mine = row(ContractState.RUNNING, { mineToDo: true });
  expect(news(undefined, running)).toBeUndefined();
  expect(news(undefined, mine)).toBe("toDo");
  expect(news(running, mine)).toBe("toDo");
  expect(news(mine, mine)).toBeUndefined();
  expect(news(running, row(ContractState.COMPLETED))).toBe("completed");
  expect(news(undefined, row(ContractState.COMPLETED))).toBeUndefined();
  expect(news(running, row(ContractState.DECLINED))).toBeUndefined();
  expect(news(running, row(ContractState.DECLINED, { isSender: true }))).toBe("declined");
});

it("tells in the last week that obligations end", () => {
  const now = new Date(2026, 10, 28, 12).getTime();
  const ends = (days: number, state = ContractState.COMPLETED) => endsIn(row(state, { endsUnixMs: BigInt(now + days * 86_400_000) }), now);
  expect(ends(0.2)).toBe(0);
  expect(ends(6)).toBe(6);
  expect(ends(9)).toBeUndefined();
  expect(ends(-1)).toBeUndefined();
  expect(ends(3, ContractState.RUNNING)).toBeUndefined();
  expect(endsIn(row(ContractState.COMPLETED), now)).toBeUndefined();
});
