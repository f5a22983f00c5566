import { describe, expect, it } from "vitest";
import { blocks, inline, unmarked } from "./markup";

describe("markup", () => {
  it("leaves a text without marks whole", () => {
    const text = "<b>2*3*4</b> a_b_c ** x ** `open\n# 标题\n- 项";
    expect(blocks(text)).toEqual([{ kind: "text", text }]);
    expect(inline(text)).toEqual([{ kind: "text", text }]);
  });
  it("reads marks within each other", () => {
    expect(inline("请**今天*一定***交")).toEqual([{ kind: "text", text: "请" }, { kind: "strong", of: [{ kind: "text", text: "今天*一定" }] }, { kind: "text", text: "*交" }]);
    expect(inline("**a ~~b~~** `**c**`")).toEqual([
      { kind: "strong", of: [{ kind: "text", text: "a " }, { kind: "strike", of: [{ kind: "text", text: "b" }] }] }, { kind: "text", text: " " }, { kind: "code", text: "**c**" },
    ]);
    expect(inline("*重点*，")).toEqual([{ kind: "em", of: [{ kind: "text", text: "重点" }] }, { kind: "text", text: "，" }]);
  });
  it("reads links of the web only", () => {
    expect(inline("[图纸](https://a.example/x)")).toEqual([{ kind: "link", text: "图纸", href: "https://a.example/x" }]);
    for (const bad of ["[x](javascript:alert(1))", "[x](file:///etc)", "[](https://a.example)", "[x](https://a b)"]) expect(inline(bad)).toEqual([{ kind: "text", text: bad }]);
  });
  it("cuts code and quotes out, and only closed ones", () => {
    expect(blocks("看\n```go\nfunc **x**()\n```\n> 引\n> 文\n好")).toEqual([
      { kind: "text", text: "看" }, { kind: "code", text: "func **x**()", language: "go" }, { kind: "quote", text: "引\n文" }, { kind: "text", text: "好" },
    ]);
    expect(blocks("```\nopen")).toEqual([{ kind: "text", text: "```\nopen" }]);
  });
  it("reads hostile texts in a moment", () => {
    for (const unit of ["*", "**", "`", "[", "~~", "[x](", "> ", "```\n"]) {
      const text = unit.repeat(60_000 / unit.length);
      expect(unmarked(text).length).toBeLessThanOrEqual(text.length);
    }
  });
});
