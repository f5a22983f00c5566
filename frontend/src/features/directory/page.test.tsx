// @vitest-environment jsdom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { Office } from "../../runtime/fake/office";
import { refuse } from "../../runtime/fake/world";
import { openRoom } from "../../testing/room";
import { DirectoryPage } from "./DirectoryPage";

window.matchMedia = (media) => ({ media, matches: false, addEventListener() {}, removeEventListener() {} }) as unknown as MediaQueryList;
window.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

test("while it is not known who may fill a department, a delegate of another is offered nothing there", async () => {
  await openRoom("office-delegate", (ws) => <DirectoryPage ws={ws} />);
  await screen.findByRole("button", { name: "Manage" }); // for everybody: an import finds its departments by itself
  const { office } = (globalThis as unknown as { stage: { office: Office } }).stage;
  const way = office.way.bind(office);
  vi.spyOn(office, "way").mockImplementation((id) => {
    if (id === "u3") refuse("unavailable"); // the list was quicker
    return way(id);
  });
  fireEvent.click(await screen.findByRole("button", { name: /^研发部/ }));
  await screen.findByText("Nobody is here yet");
  expect(screen.queryByRole("button", { name: "Manage" })).toBeNull();
});
