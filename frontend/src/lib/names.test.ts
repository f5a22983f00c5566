import { expect, it } from "vitest";
import { avatarLetters, tint } from "./names";

it("takes the family name of people and two characters of longer names", () => {
  expect(avatarLetters("李卓然")).toBe("李");
  expect(avatarLetters("采购与物流协作圈")).toBe("采购");
  expect(avatarLetters("Anna Novák")).toBe("AN");
  expect(avatarLetters("li")).toBe("L");
  expect(avatarLetters("  ")).toBe("?");
  expect(avatarLetters("👩‍💻")).toBe("👩‍💻");
});

it("tints the same ID the same way", () => {
  expect(tint("per_a")).toBe(tint("per_a"));
});
