// @vitest-environment jsdom
import { cleanup, fireEvent, screen, within } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { ConversationKind, type Conversation, type Message } from "../../api";
import { deed } from "../../runtime/fake/depth";
import type { World } from "../../runtime/fake/world";
import { openRoom } from "../../testing/room";
import { Filters } from "../search/Filters";
import { Palette } from "../search/Palette";
import { Composer } from "./Composer";
import { ConversationList } from "./ConversationList";
import { CircleOf, useInCircle } from "./External";
import { HistoryDialog } from "./HistoryRule";
import { PickTime } from "./later/Later";
import { MessageRow } from "./MessageRow";
import { PinStrip } from "./PinStrip";
import { ReactionsDialog } from "./Reactions";
import { rows } from "./rows";
import { Typing } from "./Typing";
import { useMessageDeeds } from "./useMessageDeeds";

window.matchMedia = ((query: string) => ({ matches: false, media: query, addEventListener() {}, removeEventListener() {} })) as unknown as typeof window.matchMedia;
Element.prototype.scrollIntoView = () => {};
afterEach(cleanup);

const circleOf = (world: World) => [...world.conversations.values()].find(({ value }) => value.kind === ConversationKind.CIRCLE)!;
/** A mark is one word beside a name; screen readers read both. */
const TAG = "External";

/** The rows of the conversation, with what stands above and below them. */
async function openMessages() {
  const jumped: string[] = [];
  const room = await openRoom("circleDeep", (_, world) => {
    const { value, log } = circleOf(world);
    const all = rows(log.map((message) => deed(world, message)), "", false);
    return (
      <CircleOf conversation={value}>
        <PinStrip conversation={value} deeds={{ jump: (id: string) => jumped.push(id) } as never} />
        {all.map((row, index) => <MessageRow key={row.message.id} row={row} next={all[index + 1]} kind={value.kind} writable isSought={false} lit={false} />)}
        <Typing conversationId={value.id} />
      </CircleOf>
    );
  });
  // It is known now who is of another workspace.
  await screen.findByText("顾明 (external) is typing…");
  return room;
}

const rowOf = (text: string, at = -1) => screen.getAllByText((_, element) => element?.hasAttribute("data-message") === true && (element.textContent ?? "").includes(text)).at(at)!;

it("marks externals in quotes, mentions, threads, cards, what was passed on and what was taken back", async () => {
  await openMessages();
  // A quote of an external, and the mention of one, in the message of an external.
  const answer = rowOf("数量以清单第三页为准", 0);
  expect(answer.textContent).toContain("顾明External收到。");
  expect(within(answer).getAllByText(TAG)).toHaveLength(3);
  // Who is not in the directory does not lead there.
  expect(within(answer).queryByRole("button", { name: "@顾明" })).toBeNull();
  expect(rowOf("好的").textContent).toContain("last by 顾明 (external)");
  expect(rowOf("灯具的照片").textContent).toContain("Forwarded from Jana Nováková (external)");
  const card = rowOf("Chat record of");
  expect(card.textContent).toContain("顾明 (external): 下周三上午。");
  expect(card.textContent).toContain("李卓然: 展柜几号能到？");
  within(card).getByText(TAG);
  expect(rowOf("recalled a message").textContent).toContain("任晓雨 (external) recalled");
});

it("marks who wrote what is pinned, and who pinned it", async () => {
  await openMessages();
  const strip = await screen.findByRole("region", { name: "Pinned messages" });
  within(strip).getByText(TAG);
  fireEvent.click(within(strip).getByRole("button", { name: "All 2" }));
  const dialog = await screen.findByRole("dialog");
  expect(within(dialog).getAllByText(TAG)).toHaveLength(2);
  expect(dialog.textContent).toContain("Pinned by 顾明 (external)");
});

it("puts one mark before all externals who reacted, behind the colleagues", async () => {
  await openRoom("circleDeep", (_, world) => {
    const { value, log } = circleOf(world);
    return <CircleOf conversation={value}><ReactionsDialog message={log[1] as Message} onClose={() => {}} /></CircleOf>;
  });
  const item = await screen.findByRole("listitem");
  await within(item).findByText(TAG);
  expect(item.textContent).toMatch(/^👍4 .*李卓然External 顾明.*阿卜杜热合曼/);
});

it("marks circles and who wrote there in Ctrl+K, and the last author in the list", async () => {
  await openRoom("circleDeep", (ws) => (
    <>
      <ConversationList ws={ws} chosen={undefined} onNewGroup={() => {}} />
      <Palette ws={ws} onClose={() => {}} onShortcuts={() => {}} />
    </>
  ));
  await screen.findByText("任晓雨 (external) recalled a message");
  const circle = await screen.findByRole("option", { name: /展厅项目协作/ });
  within(circle).getByText(TAG);
  fireEvent.change(screen.getByRole("combobox"), { target: { value: "样品" } });
  const found = await screen.findByRole("option", { name: /展柜样品下周三/ });
  expect(found.textContent).toContain("External 顾明 · 展厅项目协作");
});

it("offers partners as authors where one looks in a circle of theirs", async () => {
  let person = "";
  await openRoom("circleDeep", (ws, world) => (
    <Filters ws={ws} question={{ text: "", person, conversation: circleOf(world).value.id, since: "", until: "", file: false }} onChange={(change) => { person = change.person ?? person; }} />
  ));
  fireEvent.change(screen.getByRole("combobox", { name: "From" }), { target: { value: "顾" } });
  const option = await screen.findByRole("option", { name: /顾明/ });
  within(option).getByText(TAG);
  fireEvent.click(option);
  expect(person).toBe("per_gu");
});

it("says what they see where one drops files, schedules and sets the history", async () => {
  await openRoom("circleDeep", (_, world) => {
    const { value } = circleOf(world);
    return (
      <>
        <PickTime from={Date.now()} externals={value.externalCount} busy={false} error={null} onChosen={() => {}} onClose={() => {}} />
        <HistoryDialog conversation={value} onClose={() => {}} />
        <Composer ref={() => {}} conversation={value} name={value.name} reply={null} onReply={() => {}} onSent={() => {}} onEditLast={() => false} />
      </>
    );
  });
  await screen.findByText("Whoever is in the circle by then will read it, also people of other workspaces (4 people now).");
  screen.getByText("This holds for partners of other workspaces as well.");
  fireEvent.dragEnter(window, { dataTransfer: { types: ["Files"], files: [], items: [] } });
  await screen.findByText("4 people of other workspaces read this");
});

it("names externals as such in what is copied", async () => {
  const copied: string[] = [];
  vi.stubGlobal("navigator", Object.assign(Object.create(navigator) as Navigator, { clipboard: { writeText: (text: string) => Promise.resolve(void copied.push(text)) } }));
  const Chosen = ({ conversation, messages }: { conversation: Conversation; messages: readonly Message[] }) => {
    const { deeds } = useMessageDeeds(conversation, { show: () => true, toPlace: () => Promise.resolve(true) } as never, {} as never);
    const people = useInCircle();
    return people.size > 0 && <button type="button" onClick={() => deeds.copy(messages)}>Copy</button>;
  };
  await openRoom("circleDeep", (_, world) => {
    const { value, log } = circleOf(world);
    const written = log.map((message) => deed(world, message)).filter(({ text }) => text !== "");
    const one = (external: string) => written.find(({ personName }) => personName === external)!;
    return <CircleOf conversation={value}><Chosen conversation={value as Conversation} messages={[one("李卓然"), one("顾明")]} /></CircleOf>;
  });
  fireEvent.click(await screen.findByRole("button", { name: "Copy" }));
  await vi.waitFor(() => expect(copied).toHaveLength(1));
  const [mine, theirs] = copied[0]!.split("\n\n");
  expect(mine).toMatch(/^李卓然 \d/);
  expect(theirs).toMatch(/^顾明 \(external\) \d/);
  vi.unstubAllGlobals();
});
