// @vitest-environment jsdom
import { act, cleanup, fireEvent, screen, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { touch } from "../../lib/near";
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

test("what is done to a department waits until it is known which one that is", async () => {
  const { world } = await openRoom("office", (ws) => <DirectoryPage ws={ws} />);
  fireEvent.click(await screen.findByRole("button", { name: /^Everybody\s*\d+$/ }));
  const { office } = (globalThis as unknown as { stage: { office: Office } }).stage;
  const way = vi.spyOn(office, "way").mockImplementation(() => refuse("unavailable"));
  fireEvent.click(await screen.findByRole("button", { name: /^销售部\s*\d+$/ }));
  fireEvent.click(screen.getByRole("button", { name: "Manage" }));
  fireEvent.click(await screen.findByRole("menuitem", { name: "Add a person" }));
  expect(screen.queryByRole("dialog")).toBeNull(); // it would be a record in no department
  way.mockRestore();
  act(() => world.changed("directory"));
  await within(await screen.findByRole("dialog")).findByText("销售部");
});

test("as long as nobody knows how many people there are, nobody is counted", async () => {
  await openRoom("office", (ws) => <DirectoryPage ws={ws} />);
  (globalThis as unknown as { stage: { office: Office } }).stage.office.add("孙悦", "3001", "u3");
  fireEvent.click(await screen.findByRole("button", { name: /^Everybody\s*\d+$/ }));
  const count = await screen.findByText("3 people");
  const counts: string[] = [];
  new MutationObserver(() => counts.push(count.textContent)).observe(count, { childList: true, characterData: true, subtree: true });
  fireEvent.click(await screen.findByRole("button", { name: /^研发部\s*\d+$/ }));
  await vi.waitFor(() => expect(count.textContent).toBe("1 person"));
  expect(counts).not.toContain("0 people");
});

test("whom one looked at stands where it stood while somebody else is asked for", async () => {
  const { world, workspace } = await openRoom("office", (ws) => <DirectoryPage ws={ws} />);
  const [first, second] = [...world.members.values()].flat();
  act(() => touch(workspace.id, first!.personId));
  const recent = await screen.findByRole("region", { name: "Recent" });
  act(() => touch(workspace.id, second!.personId));
  expect(recent.isConnected).toBe(true);
  within(recent).getByText(first!.name);
  await within(recent).findByText(second!.name);
});
