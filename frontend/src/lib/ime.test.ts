import { describe, expect, it } from "vitest";
import { ImeGuard, type KeyPress } from "./ime";

const enter = (more: Partial<KeyPress> = {}): KeyPress => ({
  key: "Enter", keyCode: 13, isComposing: false, timeStamp: 1000,
  shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more,
});

describe("Enter", () => {
  it("sends, and Shift+Enter breaks the line", () => {
    const guard = new ImeGuard();
    expect(guard.meaning(enter(), true)).toBe("send");
    expect(guard.meaning(enter({ shiftKey: true }), true)).toBe("newline");
  });

  it("is the other way round when the setting says so", () => {
    const guard = new ImeGuard();
    expect(guard.meaning(enter(), false)).toBe("newline");
    expect(guard.meaning(enter({ shiftKey: true }), false)).toBe("send");
  });

  it("sends with Ctrl or Cmd in both settings", () => {
    const guard = new ImeGuard();
    expect(guard.meaning(enter({ ctrlKey: true }), false)).toBe("send");
    expect(guard.meaning(enter({ metaKey: true }), true)).toBe("send");
  });

  it("leaves other keys alone", () => {
    expect(new ImeGuard().meaning(enter({ key: "a", keyCode: 65 }), true)).toBe("nothing");
  });
});

describe("an input method", () => {
  it("keeps Enter while the event says that it composes", () => {
    expect(new ImeGuard().meaning(enter({ isComposing: true }), true)).toBe("nothing");
  });

  it("keeps Enter with keyCode 229", () => {
    expect(new ImeGuard().meaning(enter({ keyCode: 229 }), true)).toBe("nothing");
  });

  it("keeps Enter between compositionstart and compositionend although the event says nothing", () => {
    const guard = new ImeGuard();
    guard.compositionStart();
    expect(guard.meaning(enter(), true)).toBe("nothing");
  });

  it("keeps the Enter that comes right after compositionend (Safari), once", () => {
    const guard = new ImeGuard();
    guard.compositionStart();
    guard.compositionEnd(1000);
    expect(guard.meaning(enter({ timeStamp: 1001 }), true)).toBe("nothing");
    guard.keyUp();
    expect(guard.meaning(enter({ timeStamp: 1050 }), true)).toBe("send");
  });

  it("gives Enter back after Chromium's order: keydown, compositionend, keyup, keydown", () => {
    const guard = new ImeGuard();
    guard.compositionStart();
    expect(guard.meaning(enter({ isComposing: true, keyCode: 229 }), true)).toBe("nothing");
    guard.compositionEnd(1000);
    guard.keyUp();
    expect(guard.meaning(enter({ timeStamp: 1030 }), true)).toBe("send");
  });

  it("gives Enter back when the candidate was taken with the mouse some time ago", () => {
    const guard = new ImeGuard();
    guard.compositionStart();
    guard.compositionEnd(1000);
    expect(guard.meaning(enter({ timeStamp: 1400 }), true)).toBe("send");
  });

  it("never breaks a line either", () => {
    expect(new ImeGuard().meaning(enter({ isComposing: true, shiftKey: true }), true)).toBe("nothing");
  });
});
