// @vitest-environment jsdom
import { create } from "@bufbuild/protobuf";
import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, it } from "vitest";
import { ConversationKind } from "../../api";
import { HistorySchema, QuoteSchema } from "../../api/gen/roundtable/v1/chat_pb";
import { Role } from "../../api/gen/roundtable/v1/people_pb";
import { ME } from "../../runtime/fake/world";
import { useConversations } from "../../live";
import { openRoom } from "../../testing/room";
import { Context } from "./Context";
import { ConversationStart } from "./ConversationStart";
import { GroupSettings } from "./GroupSettings";
import { LimitedContext } from "./HistoryRule";
import { QuoteBlock } from "./QuoteBlock";

afterEach(cleanup);

type World = Parameters<Parameters<typeof openRoom>[1]>[1];
const ofKind = (world: World, kind: ConversationKind) => {
  const { value } = [...world.conversations.values()].find((one) => one.value.kind === kind)!;
  world.groupRoles.set(`${value.id} ${ME}`, Role.OWNER);
  Object.assign(value, { isAdmin: true, mayDescribe: true, canWrite: true });
  value.history = create(HistorySchema, { canSet: true });
  return value;
};

it("is set with a group's rules, and says what it means either way", async () => {
  const { world } = await openRoom("office", (_, world) => <GroupSettings conversation={ofKind(world, ConversationKind.GROUP)} onClose={() => {}} />);
  const dialog = await screen.findByRole("dialog");
  within(dialog).getByText("Who comes in reads everything from the beginning.");
  fireEvent.click(within(dialog).getByRole("switch", { name: "New members see messages from joining on" }));
  within(dialog).getByText(/gets no keys for what was written before/);
  fireEvent.click(within(dialog).getByRole("button", { name: "Save" }));
  await waitFor(() => expect([...world.conversations.values()].some(({ value }) => value.kind === ConversationKind.GROUP && value.history?.fromJoining)).toBe(true));
});

it("says before one sets it back that everybody will read everything", async () => {
  await openRoom("office", (_, world) => {
    const value = ofKind(world, ConversationKind.GROUP);
    value.history!.fromJoining = true;
    return <GroupSettings conversation={value} onClose={() => {}} />;
  });
  const dialog = await screen.findByRole("dialog");
  fireEvent.click(within(dialog).getByRole("switch", { name: "New members see messages from joining on" }));
  within(dialog).getByText(/everybody who is in now, and who comes later, will be able to read everything/i);
});

it("is set in a circle, where partners are told it before a link is made", async () => {
  await openRoom("circle", (ws, world) => {
    const value = ofKind(world, ConversationKind.CIRCLE);
    value.history!.fromJoining = true;
    return <Context ws={ws} conversation={value} onClose={() => {}} />;
  });
  await screen.findByText(/sees what is written from their joining on/);
  fireEvent.click(screen.getByRole("button", { name: "Invite a partner" }));
  within(await screen.findByRole("dialog")).getByText("They see it from their joining on, nothing that was written before they came.");
});

it("tells a newcomer from when on, others who set it, and nobody where everybody sees everything", async () => {
  const start = (world: World, history: Parameters<typeof create<typeof HistorySchema>>[1]) => {
    const value = ofKind(world, ConversationKind.GROUP);
    value.history = create(HistorySchema, history);
    return <ConversationStart conversation={value} workspaceName="" incomplete={false} empty={false} />;
  };
  const at = BigInt(Date.UTC(2026, 10, 3, 12));
  await openRoom("office", (_, world) => start(world, { fromJoining: true, isLimited: true, joinedUnixMs: at }));
  await screen.findByText(/^You see messages from when you joined \(.*2026.*\)\.$/);
  cleanup();
  await openRoom("office", (_, world) => start(world, { fromJoining: true, setByName: "王敏", setUnixMs: at }));
  await screen.findByText(/^王敏 set on .*2026.*: new members see messages from joining on\.$/);
  cleanup();
  await openRoom("office", (_, world) => start(world, { setByName: "王敏", setUnixMs: at }));
  await screen.findByText(/This is the beginning of/);
  expect(screen.queryByText(/joining on/)).toBeNull();
});

it("calls what a newcomer cannot read what it is", async () => {
  await openRoom("office", () => <LimitedContext value><QuoteBlock quote={create(QuoteSchema)} /></LimitedContext>);
  await screen.findByText("A message from before you joined");
});

it("is closed once the page knows what was saved, so that opened again it does not take it back", async () => {
  function Group({ ws }: { ws: string }) {
    const [open, setOpen] = useState(true);
    const conversation = useConversations(ws).data?.find(({ kind }) => kind === ConversationKind.GROUP);
    return conversation && <>{open ? <GroupSettings conversation={conversation} onClose={() => setOpen(false)} /> : <p>{`pins: ${conversation.rules?.managersPin}`}</p>}</>;
  }
  await openRoom("office", (ws, world) => {
    ofKind(world, ConversationKind.GROUP);
    return <Group ws={ws} />;
  });
  const dialog = await screen.findByRole("dialog");
  const pins = within(dialog).getByRole("switch", { name: "Only managers pin messages" });
  const before = pins.getAttribute("aria-checked") === "true";
  fireEvent.click(pins);
  fireEvent.click(within(dialog).getByRole("button", { name: "Save" }));
  expect((await screen.findByText(/^pins: /)).textContent).toBe(`pins: ${!before}`);
});
