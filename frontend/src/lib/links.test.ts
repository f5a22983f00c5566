import { expect, it } from "vitest";
import { splitLinks } from "./links";

const links = (text: string) => splitLinks(text).filter((piece) => piece.href).map((piece) => piece.text);

it("ends an address where a Chinese sentence goes on", () => {
  expect(links("请看 https://example.com/报价，谢谢")).toEqual(["https://example.com/报价"]);
  expect(links("（见https://example.com/a）")).toEqual(["https://example.com/a"]);
  expect(links("see https://example.com/a.")).toEqual(["https://example.com/a"]);
  expect(links("https://example.com/a_(b)")).toEqual(["https://example.com/a_(b)"]);
});

it("keeps every character", () => {
  const text = "a https://x.example/1 b www.y.example, c li@z.example!";
  expect(splitLinks(text).map((piece) => piece.text).join("")).toBe(text);
  expect(links(text)).toEqual(["https://x.example/1", "www.y.example", "li@z.example"]);
});

it("makes no link of what could run or mislead", () => {
  expect(links("javascript:alert(1) data:text/html,x file:///etc/passwd")).toEqual([]);
  expect(links("https://bank.example@evil.example/")).toEqual([]);
});
