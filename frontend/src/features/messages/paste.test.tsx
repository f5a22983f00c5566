// @vitest-environment jsdom
import { create } from "@bufbuild/protobuf";
import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { ConversationSchema } from "../../api";
import { openRoom } from "../../testing/room";
import { Composer } from "./Composer";

afterEach(cleanup);
window.matchMedia = (media) => ({ media, matches: false, addEventListener() {}, removeEventListener() {} }) as unknown as MediaQueryList;

const paste = (text: string) => fireEvent.paste(screen.getByRole("textbox"), {
  clipboardData: { files: [], types: ["text/plain"], getData: () => text },
});

it("makes a file of text that no message takes, so that nothing is lost and the page stays quick", async () => {
  await openRoom("alone", (workspace) => <Composer ref={null} conversation={create(ConversationSchema, { id: workspace })} name="Everyone" reply={null} onReply={() => {}} onSent={() => {}} onEditLast={() => false} />);
  expect(paste("short")).toBe(true);
  expect(screen.queryByRole("list", { name: "Files of this message" })).toBeNull();
  // What is refused to the field goes on as a file.
  expect(paste("字".repeat(1_000_000))).toBe(false);
  const list = await screen.findByRole("list", { name: "Files of this message" });
  await waitFor(() => expect(list.textContent).toMatch(/Pasted text .*\.txt.*3\.0 MB/));
  expect(screen.getByRole<HTMLTextAreaElement>("textbox").value).toBe("");
  expect(screen.getByText("The text is too long for a message. It goes along as a file.")).toBeTruthy();
});
