// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { refuse } from "../../runtime/fake/world";
import { openRoom } from "../../testing/room";
import { Composer } from "./Composer";

afterEach(cleanup);
window.matchMedia = (media) => ({ media, matches: false, addEventListener() {}, removeEventListener() {} }) as unknown as MediaQueryList;

const field = () => screen.getByRole<HTMLTextAreaElement>("textbox");
const write = (text: string) => fireEvent.change(field(), { target: { value: text } });
const enter = () => fireEvent.keyDown(field(), { key: "Enter", code: "Enter" });

async function open() {
  const room = await openRoom("alone", (_, here) => {
    const conversation = [...here.conversations.values()][0]!.value;
    return <Composer ref={null} conversation={conversation} name="Everyone" reply={null} onReply={() => {}} onSent={() => {}} onEditLast={() => false} />;
  });
  await screen.findByRole("textbox");
  return { world: room.world, log: [...room.world.conversations.values()][0]!.log };
}

it("sends what was written while the message before was on its way, in the same order, each once", async () => {
  const { log } = await open();
  const before = log.length;
  write("一");
  enter();
  enter(); // a hand that shakes means nothing more
  write("一二");
  enter();
  write("一二三");
  enter();
  write("一二三四"); // not sent: Enter was not pressed
  await waitFor(() => expect(field().value).toBe("四"));
  expect(log.slice(before).map(({ text }) => text)).toEqual(["一", "二", "三"]);
});

it("sends nothing behind a message that failed, and keeps all of it in the field", async () => {
  const { log, world } = await open();
  const before = log.length;
  vi.spyOn(world, "post").mockImplementationOnce(() => refuse("disk_full"));
  write("一");
  enter();
  write("一二");
  enter();
  await screen.findByRole("alert");
  expect(field().value).toBe("一二");
  expect(log).toHaveLength(before);
  enter();
  await waitFor(() => expect(field().value).toBe(""));
  expect(log.slice(before).map(({ text }) => text)).toEqual(["一二"]);
});
