// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { ConversationKind } from "../../api";
import { openRoom } from "../../testing/room";
import { Context } from "./Context";
import { ConversationList } from "./ConversationList";
import { ForwardDialog } from "./ForwardDialog";
import { CircleOf, ExternalMark, ExternalsLine } from "./External";

afterEach(cleanup);

const circleOf = (world: Parameters<Parameters<typeof openRoom>[1]>[1]) => [...world.conversations.values()].find(({ value }) => value.kind === ConversationKind.CIRCLE)!;

it("marks who is of another workspace, by what they say of it", async () => {
  await openRoom("circle", (ws, world) => {
    const { value } = circleOf(world);
    return (
      <>
        <ConversationList ws={ws} chosen={undefined} onNewGroup={() => {}} />
        <CircleOf conversation={value}><p>顾明<ExternalMark personId="per_gu" /></p><p>李卓然<ExternalMark personId="per_li" /></p><ExternalsLine conversation={value} /></CircleOf>
      </>
    );
  });
  const gu = await screen.findByText("顾明", { selector: "p" });
  await waitFor(() => expect(gu.textContent).toBe("顾明临江家具External"));
  expect(within(gu).getByText("External").title).toContain("nobody has checked it");
  expect(screen.getByText("李卓然", { selector: "p" }).textContent).toBe("李卓然");
  within(await screen.findByRole("link", { name: /展厅项目协作/ })).getByText("External");
  screen.getByText("3 people of other workspaces read this");
});

it("says what partners see before a link is made, and takes it back", async () => {
  const { world } = await openRoom("circle", (ws, world) => <Context ws={ws} conversation={circleOf(world).value} onClose={() => {}} />);
  const members = await screen.findByRole("region", { name: "Members" });
  expect(within(members).getAllByText("External")).toHaveLength(3);
  within(members).getAllByText("Says: 临江家具");
  fireEvent.click(screen.getByRole("button", { name: "Invite a partner" }));
  const dialog = await screen.findByRole("dialog");
  within(dialog).getByText(/no directory, no other conversations/);
  const make = within(dialog).getByRole("button", { name: "Make a link" });
  expect((make as HTMLButtonElement).disabled).toBe(true);
  fireEvent.change(within(dialog).getByRole("textbox", { name: "Name of your partner" }), { target: { value: "秦越" } });
  fireEvent.click(make);
  expect((await within(dialog).findByRole("textbox", { name: "Link for 秦越" }) as HTMLTextAreaElement).value).toContain("roundtable://circle/");
  fireEvent.click(within(dialog).getByRole("button", { name: "Close" }));
  const links = await screen.findByRole("region", { name: "Open links" });
  fireEvent.click(within(links).getByRole("button", { name: "Revoke" }));
  await waitFor(() => expect(screen.queryByRole("region", { name: "Open links" })).toBeNull());
  fireEvent.click(screen.getByRole("button", { name: "Remove 顾明" }));
  fireEvent.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Remove" }));
  await waitFor(() => expect(circleOf(world).value.externalCount).toBe(2));
});

it("warns before something is forwarded to where externals read it", async () => {
  await openRoom("circle", (ws, world) => <ForwardDialog ws={ws} messages={[circleOf(world).log[0]!]} onClose={() => {}} onDone={() => {}} />);
  const target = await screen.findByRole("checkbox", { name: /展厅项目协作/ });
  expect(screen.queryByText(/will read this/)).toBeNull();
  fireEvent.click(target);
  screen.getByText("3 people of other workspaces will read this in 展厅项目协作, with its files.");
});
