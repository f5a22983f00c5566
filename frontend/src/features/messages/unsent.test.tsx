// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { createApi } from "../../api";
import { fakeRuntime } from "../../runtime/fake";
import { openRoom } from "../../testing/room";
import { Composer } from "./Composer";
import { ConversationList } from "./ConversationList";
import { takeOver } from "./takeOver";
import { Keeper } from "./unsent";

afterEach(() => {
  cleanup();
  localStorage.clear();
});
window.matchMedia = (media) => ({ media, matches: false, addEventListener() {}, removeEventListener() {} }) as unknown as MediaQueryList;

const LONG = `spc_${"a".repeat(52)}`;
const field = () => screen.getByRole<HTMLTextAreaElement>("textbox");

it("keeps what was written, with whom it answers, and puts it back", async () => {
  const api = createApi(fakeRuntime("alone", 0).fetch);
  const first = new Keeper(api, "spc_a", "");
  first.change({ text: "too early", reply: "", mentions: [] });
  expect((await first.load()).text).toBe("");
  first.change({ text: "@王敏 十", reply: "", mentions: [{ personId: "per_wang", label: "王敏" }] });
  first.change({ text: "@王敏 十点", reply: "", mentions: [{ personId: "per_wang", label: "王敏" }] });
  await first.flush();
  const again = await new Keeper(api, "spc_a", "").load();
  expect(again).toMatchObject({ text: "@王敏 十点", mentions: [{ personId: "per_wang", label: "王敏" }] });
  expect((await new Keeper(api, "spc_a", "t1.1").load()).text).toBe("");
});

it("keeps the newest words last, and nothing after a message was sent", async () => {
  const api = createApi(fakeRuntime("alone", 0).fetch);
  const keep = vi.spyOn(api.drafts, "keep");
  const keeper = new Keeper(api, "spc_a", "");
  await keeper.load();
  keeper.change({ text: "一", reply: "", mentions: [] });
  const going = keeper.flush();
  keeper.change({ text: "一二", reply: "", mentions: [] });
  await Promise.all([going, keeper.flush()]);
  expect(keep.mock.calls.map(([request]) => request.text)).toEqual(["一", "一二"]);
  keeper.change({ text: "一二三", reply: "", mentions: [] });
  await keeper.settle();
  expect(keep).toHaveBeenCalledTimes(2);
});

it("keeps what was written in a field that was closed before it was known what had been left there", async () => {
  const api = createApi(fakeRuntime("alone", 0).fetch);
  await api.drafts.keep({ conversationId: "spc_a", threadId: "", text: "先前的", replyToId: "", mentions: [] });
  const keeper = new Keeper(api, "spc_a", "");
  const asked = keeper.load();
  keeper.change({ text: "一进来就写", reply: "", mentions: [] });
  keeper.leave();
  // It is opened again at once.
  const again = keeper.load();
  keeper.change({ text: "", reply: "", mentions: [] });
  await asked;
  await again;
  await keeper.flush();
  expect((await new Keeper(api, "spc_a", "").load()).text).toBe("先前的\n一进来就写");
  // Once, and not with what is written later.
  keeper.leave();
  expect((await keeper.load()).text).toBe("先前的\n一进来就写");
});

it("takes over once what an older screen kept in the page", async () => {
  localStorage.setItem(`roundtable.draft.${LONG}`, "旧的");
  localStorage.setItem(`roundtable.draft.${LONG}t1.2`, "讨论里旧的");
  localStorage.setItem("roundtable.draft.cal_x", "notes");
  const api = createApi(fakeRuntime("alone", 0).fetch);
  await takeOver(api);
  expect((await api.drafts.show({ conversationId: LONG })).text).toBe("旧的");
  expect((await api.drafts.show({ conversationId: LONG, threadId: "t1.2" })).text).toBe("讨论里旧的");
  expect(Object.keys(localStorage)).toEqual(["roundtable.draft.cal_x"]);
});

it("shows a draft in the list, and in the field once it is opened again", async () => {
  let shown = true;
  const { world, unmount } = await openRoom("alone", (ws, here) => {
    const conversation = [...here.conversations.values()][0]!.value;
    return (
      <>
        <ConversationList ws={ws} chosen={undefined} onNewGroup={() => {}} />
        {shown && <Composer ref={null} conversation={conversation} name="Everyone" reply={null} onReply={() => {}} onSent={() => {}} onEditLast={() => false} />}
      </>
    );
  });
  await screen.findByRole("list", { name: "Conversations" });
  fireEvent.change(field(), { target: { value: "还没发完" } });
  await screen.findByText("[Draft]");
  await waitFor(() => expect(screen.getByRole("link", { name: /还没发完/ })).toBeTruthy());
  // It is sent: there is none any more.
  fireEvent.keyDown(field(), { key: "Enter" });
  await waitFor(() => expect(field().value).toBe(""));
  await waitFor(() => expect(screen.queryByText("[Draft]")).toBeNull());
  expect(world.conversations.size).toBeGreaterThan(0);
  shown = false;
  unmount();
});

it("keeps what was typed before it was known what had been left", async () => {
  const load = Keeper.prototype.load;
  let come = () => {};
  const asked = new Promise<void>((done) => (come = done));
  vi.spyOn(Keeper.prototype, "load").mockImplementationOnce(async function (this: Keeper) {
    await asked;
    return load.call(this);
  });
  await openRoom("alone", (ws, here) => (
    <>
      <ConversationList ws={ws} chosen={undefined} onNewGroup={() => {}} />
      <Composer ref={null} conversation={[...here.conversations.values()][0]!.value} name="Everyone" reply={null} onReply={() => {}} onSent={() => {}} onEditLast={() => false} />
    </>
  ));
  await screen.findByRole("list", { name: "Conversations" });
  fireEvent.change(field(), { target: { value: "一进来就写" } });
  come();
  await screen.findByRole("link", { name: /一进来就写/ });
});
