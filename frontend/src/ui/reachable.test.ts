// @vitest-environment jsdom
import { expect, it, vi } from "vitest";
import { reachable } from "./reachable";

let resized = () => {};
vi.stubGlobal("ResizeObserver", class {
  constructor(tell: () => void) {
    resized = tell;
  }
  observe() {}
  disconnect() {}
});

function place(height: number): HTMLElement {
  const element = document.createElement("div");
  document.body.append(element);
  let now = height;
  Object.defineProperty(element, "clientHeight", { get: () => 100 });
  Object.defineProperty(element, "scrollHeight", { get: () => now, set: (next: number) => (now = next) });
  return element;
}

it("takes the focus itself while it scrolls and holds nothing that does", async () => {
  const element = place(300);
  const leave = reachable(element)!;
  expect(element.tabIndex).toBe(0);
  const button = element.appendChild(document.createElement("button"));
  await vi.waitFor(() => expect(element.tabIndex).toBe(-1));
  button.remove();
  await vi.waitFor(() => expect(element.tabIndex).toBe(0));
  Object.assign(element, { scrollHeight: 100 });
  resized();
  expect(element.hasAttribute("tabindex")).toBe(false);
  leave();
});
