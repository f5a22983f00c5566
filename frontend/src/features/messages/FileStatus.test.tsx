// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { AttachmentState, type Attachment, type Message } from "../../api";
import { openRoom } from "../../testing/room";
import { Attachments } from "./Attachments";

afterEach(cleanup);

const { ABSENT, FETCHING, WAITING, HERE, FAILED } = AttachmentState;
const NAME = "会议纪要.txt";

/** One file of a conversation in a state of its own. */
async function openFile(state: Partial<Attachment>) {
  let file: Attachment | undefined;
  await openRoom("files", (_, world) => {
    const message = [...world.conversations.values()].flatMap(({ log }) => log).find((one: Message) => one.attachments.some(({ name }) => name === NAME))!;
    file ??= Object.assign(message.attachments.find(({ name }) => name === NAME)!, { size: 1_000_000n, fetched: 0n }, state);
    return <Attachments message={message} />;
  });
  return file!;
}

it.each([
  ["not asked for", { state: ABSENT }, /not fetched yet/, "Fetch"],
  ["on its way", { state: FETCHING, fetched: 250_000n }, /Fetching 250 kB of 1\.0 MB/, "Pause"],
  ["paused", { state: ABSENT, fetched: 250_000n }, /250 kB of 1\.0 MB · stopped/, "Go on with"],
  ["nobody has it now", { state: WAITING }, /waiting for somebody who has it/, "Cancel"],
  ["damaged", { state: FAILED, errorCode: "attachment_damaged" }, /sent damaged/, "Try"],
  ["going to a relay", { state: HERE, depositing: true, deposited: 500_000n }, /Going to the relay: 500 kB of 1\.0 MB/, "Save"],
  ["here", { state: HERE }, /^1\.0 MB$/, "Save"],
] as const)("says of a file that is %s what it is, and offers the one thing to do", async (_, state, words, deed) => {
  await openFile(state);
  await screen.findByText(words);
  const row = screen.getByText(NAME).closest("li")!;
  const deeds = [...row.querySelectorAll("button, a")].map((one) => one.getAttribute("aria-label") ?? "").filter((label) => /^(Fetch|Pause|Go on|Cancel|Try|Save) /.test(label));
  expect(deeds).toHaveLength(1);
  expect(deeds[0]).toMatch(new RegExp(`^${deed} `));
  const moving = ("state" in state && state.state === FETCHING) || "depositing" in state;
  expect(row.querySelectorAll("[role=progressbar]")).toHaveLength(moving ? 1 : 0);
});

it("asks the program for it, and stops", async () => {
  const file = await openFile({ state: ABSENT });
  fireEvent.click(await screen.findByRole("button", { name: `Fetch ${NAME}` }));
  await waitFor(() => expect(file.state).toBe(FETCHING));
});
