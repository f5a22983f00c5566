// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, it, vi } from "vitest";
import { Code, ConnectError } from "@connectrpc/connect";
import { useApi, useMemberPicker } from "../live";
import { openRoom } from "../testing/room";
import { PeoplePicker } from ".";

afterEach(cleanup);

// Nothing has a size here: the list shows what it is told of its own.
vi.stubGlobal("ResizeObserver", class {
  constructor(private readonly tell: (entries: object[]) => void) {}
  observe(target: HTMLElement) {
    const height = target.style.overflowY === "auto" ? 264 : 44;
    queueMicrotask(() => this.tell([{ target, contentRect: { width: 300, height } }]));
  }
  unobserve() {}
  disconnect() {}
});
Object.defineProperty(HTMLElement.prototype, "offsetParent", { get: () => document.body });

function Choose({ ws, without = [], onEnter }: { ws: string; without?: readonly string[]; onEnter?: () => void }) {
  const picker = useMemberPicker(ws, { without });
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  return (
    <form onSubmit={(event) => {
      event.preventDefault();
      onEnter?.();
    }}>
      <PeoplePicker {...picker} picked={picked} onPicked={setPicked} />
    </form>
  );
}

const field = () => screen.getByRole("textbox", { name: "Find people" });
const boxes = () => within(screen.getByRole("group", { name: "People" })).queryAllByRole("checkbox");

it("finds by pinyin, keeps who was chosen, and takes them out again", async () => {
  let sent = 0;
  await openRoom("", (ws) => <Choose ws={ws} onEnter={() => sent++} />);
  await waitFor(() => expect(boxes().length).toBeGreaterThan(2));
  fireEvent.change(field(), { target: { value: "chensiyuan" } });
  await waitFor(() => expect(boxes()).toHaveLength(1));
  expect(screen.getByText("陈思远").tagName).toBe("MARK");
  await waitFor(() => expect(screen.getByRole("group", { name: "People" }).getAttribute("aria-busy")).toBe("false"));
  fireEvent.keyDown(field(), { key: "Enter" });
  expect((field() as HTMLInputElement).value).toBe("");
  expect(sent).toBe(0);
  await waitFor(() => expect(boxes().length).toBeGreaterThan(2));
  const chip = screen.getByRole("button", { name: "Do not choose 陈思远" });
  expect(screen.getByText("1 chosen")).toBeTruthy();
  fireEvent.click(chip);
  expect(screen.getByText("0 chosen")).toBeTruthy();
});

it("says when nobody is called so, and when nobody is left", async () => {
  const { world } = await openRoom("", (ws) => <Choose ws={ws} />);
  await waitFor(() => expect(boxes().length).toBeGreaterThan(0));
  fireEvent.change(field(), { target: { value: "qqqq" } });
  expect(await screen.findByText("Nobody by that name")).toBeTruthy();
  cleanup();
  const everybody = world.members.get(world.workspaces[0]!.id)!.map(({ personId }) => personId);
  await openRoom("", (ws) => <Choose ws={ws} without={everybody} />);
  expect(await screen.findByText("Nobody else to choose")).toBeTruthy();
});

it("goes from the field into the list and back by the arrows", async () => {
  await openRoom("", (ws) => <Choose ws={ws} />);
  await waitFor(() => expect(boxes().length).toBeGreaterThan(2));
  field().focus();
  fireEvent.keyDown(field(), { key: "ArrowDown" });
  await waitFor(() => expect(document.activeElement).toBe(boxes()[0]));
  fireEvent.keyDown(boxes()[0]!, { key: "ArrowDown" });
  await waitFor(() => expect(document.activeElement).toBe(boxes()[1]));
  fireEvent.keyDown(boxes()[1]!, { key: "ArrowUp" });
  await waitFor(() => expect(document.activeElement).toBe(boxes()[0]));
  fireEvent.keyDown(boxes()[0]!, { key: "ArrowUp" });
  expect(document.activeElement).toBe(field());
});

it("says what went wrong, and tries again", async () => {
  let fails = true;
  function Failing({ ws }: { ws: string }) {
    const api = useApi();
    const [real] = useState(() => api.members.findMembers);
    Object.assign(api.members, { findMembers: (...given: Parameters<typeof real>) => (fails ? Promise.reject(new ConnectError("", Code.Unavailable)) : real(...given)) });
    return <Choose ws={ws} />;
  }
  await openRoom("", (ws) => <Failing ws={ws} />);
  const again = await screen.findByRole("button", { name: "Try again" });
  fails = false;
  fireEvent.click(again);
  await waitFor(() => expect(boxes().length).toBeGreaterThan(0));
});

it("says of nobody that they are not there before it is known", async () => {
  await openRoom("", (ws) => <Choose ws={ws} />);
  await waitFor(() => expect(boxes().length).toBeGreaterThan(0));
  fireEvent.change(field(), { target: { value: "nobody at all" } });
  await screen.findByText("Nobody by that name");
  fireEvent.change(field(), { target: { value: "chensiyuan" } });
  expect(screen.queryByText("Nobody by that name")).toBeNull();
  await waitFor(() => expect(boxes()).toHaveLength(1));
});
