import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { ContractRowSchema, ContractState, type ContractRow } from "../../api";
import { news } from "./ContractNotices";

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
