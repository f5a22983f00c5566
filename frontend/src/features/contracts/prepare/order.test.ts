import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { PartyRole, PartySchema, type Party } from "../../../api";
import { hue, isJoined, join, move, nextLabel, normalise } from "./order";

const party = (id: number, step: number, role = PartyRole.SIGNER): Party => create(PartySchema, { id, step, role, name: `p${id}` });
const steps = (parties: readonly Party[]) => parties.map((one) => `${one.id}:${one.step}`).join(" ");

it("numbers steps without gaps, and puts those who do not act last", () => {
  expect(steps(normalise([party(1, 3), party(2, 9, PartyRole.COPY), party(3, 3), party(4, 7)]))).toBe("1:1 3:1 4:2 2:0");
});

it("puts a party into the step above, and out of it again", () => {
  const three = normalise([party(1, 1), party(2, 2), party(3, 3)]);
  const together = join(three, 2, true);
  expect(steps(together)).toBe("1:1 2:2 3:2");
  expect(isJoined(together, 2)).toBe(true);
  expect(steps(join(together, 2, false))).toBe("1:1 2:2 3:3");
  expect(steps(join(together, 1, true))).toBe("1:1 2:1 3:1");
  expect(steps(join(three, 0, true))).toBe("1:1 2:2 3:3");
});

it("moves a party with a step of its own, and parts others only when it comes between", () => {
  expect(steps(move(normalise([party(1, 1), party(2, 2), party(3, 3)]), 2, 0))).toBe("3:1 1:2 2:3");
  expect(steps(move(normalise([party(1, 1), party(2, 2), party(3, 2)]), 0, 2))).toBe("2:1 3:1 1:2");
});

it("suggests labels that documents use, and gives each party its colour", () => {
  const two = [{ ...party(1, 1), label: "甲方" }, { ...party(2, 2), label: "丙方" }];
  expect(nextLabel(two, "zh")).toBe("乙方");
  expect(nextLabel([], "en")).toBe("Party A");
  expect([hue(two, 1), hue(two, 2), hue(two, 99)]).toEqual([1, 2, 1]);
});
