// @vitest-environment jsdom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, it, vi } from "vitest";
import { ConversationKind, Role, type Conversation } from "../../api";
import { useApi } from "../../live";
import { openRoom } from "../../testing/room";
import { LeaveGroup } from "./LeaveGroup";

afterEach(cleanup);

let answer = () => {};
const asked = new Promise<void>((done) => (answer = done));
const left = vi.fn();

/** Its members are told late. */
function Slow({ conversation }: { conversation: Conversation }) {
  const api = useApi();
  useState(() => {
    const members = api.conversations.groupMembers.bind(api.conversations);
    vi.spyOn(api.conversations, "groupMembers").mockImplementation(async (request) => {
      await asked;
      return members(request);
    });
    vi.spyOn(api.conversations, "leave").mockImplementation((request) => left(request.heirPersonId));
  });
  return <LeaveGroup conversation={conversation} onClose={() => {}} />;
}

it("lets an owner leave once it is known whether somebody has to follow", async () => {
  await openRoom("alone", (ws, world) => {
    world.addMember(ws, { personId: "per_wang", name: "王敏" });
    const group = world.conversations.get("spc_g")?.value ?? world.addConversation(ws, { id: "spc_g", kind: ConversationKind.GROUP, name: "一组", memberIds: ["per_me", "per_wang"], canManage: true });
    group.myRole = Role.OWNER;
    return <Slow conversation={group} />;
  });
  fireEvent.click(await screen.findByRole("button", { name: "Leave" }));
  expect(left).not.toHaveBeenCalled();
  answer();
  await screen.findByRole("combobox", { name: "New owner" });
  fireEvent.click(screen.getByRole("button", { name: "Leave" }));
  await vi.waitFor(() => expect(left).toHaveBeenCalledWith("per_wang"));
});
