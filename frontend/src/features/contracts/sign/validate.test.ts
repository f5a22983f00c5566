import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { ContractFieldSchema, FieldType } from "../../../api";
import { faultOf, isCreditCode, isIDCard } from "./validate";

const field = (type: FieldType, more: object = {}) => create(ContractFieldSchema, { id: "f", type, required: true, ...more });

it("knows ID cards and credit codes by their check digits", () => {
  expect(isIDCard("11010519491231002X")).toBe(true);
  expect(isIDCard("11010519491231002x")).toBe(true);
  expect(isIDCard("110105194912310021")).toBe(false);
  expect(isIDCard("11010519491331002X")).toBe(false);
  expect(isCreditCode("91350100M000100Y43")).toBe(true);
  expect(isCreditCode("91350100M000100Y44")).toBe(false);
  expect(isCreditCode("91350100I000100Y43")).toBe(false);
});

it("says what is wrong with a value", () => {
  expect(faultOf(field(FieldType.TEXT), "  ")).toBe("missing");
  expect(faultOf(field(FieldType.TEXT, { required: false }), "")).toBeNull();
  expect(faultOf(field(FieldType.TEXT, { maxLength: 2 }), "三个字")).toBe("tooLong");
  expect(faultOf(field(FieldType.TEXT, { maxLength: 2 }), "𠮷𠮷")).toBeNull();
  expect(faultOf(field(FieldType.TEXT, { format: "email" }), "li@qinghe")).toBe("email");
  expect(faultOf(field(FieldType.TEXT, { format: "phone" }), "+86 21 5555 0000")).toBeNull();
  expect(faultOf(field(FieldType.TEXT, { format: "digits" }), "12a")).toBe("digits");
  expect(faultOf(field(FieldType.NUMBER, { min: "1", max: "10" }), "0.5")).toBe("tooSmall");
  expect(faultOf(field(FieldType.NUMBER, { min: "1", max: "10" }), "11")).toBe("tooLarge");
  expect(faultOf(field(FieldType.NUMBER), "一百")).toBe("number");
  expect(faultOf(field(FieldType.DATE), "2026-02-29")).toBe("date");
  expect(faultOf(field(FieldType.DATE), "2028-02-29")).toBeNull();
  expect(faultOf(field(FieldType.CHOICE, { choices: ["转账"] }), "现金")).toBe("choice");
  expect(faultOf(field(FieldType.CHECKBOX), "")).toBe("missing");
  expect(faultOf(field(FieldType.CHECKBOX, { required: false }), "")).toBeNull();
});
