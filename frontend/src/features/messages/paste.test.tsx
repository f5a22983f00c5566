// @vitest-environment jsdom
import { create } from "@bufbuild/protobuf";
import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { ConversationSchema } from "../../api";
import { openRoom } from "../../testing/room";
import { Composer } from "./Composer";
import { pastedFiles } from "./paste";

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

it("takes a screenshot under a name of its own, several files at once, and of an office program the text", () => {
  const names = { text: "Pasted text", screenshot: "Screenshot" };
  const file = (name: string) => new File(["x"], name, { type: "image/png" });
  const from = (files: File[], types: string[], words = "") => pastedFiles({ clipboardData: { files, types, getData: () => words } } as never, names);
  const [screenshot] = from([file("image.png")], ["Files"])!.files;
  expect(screenshot?.name).toMatch(/^Screenshot \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.png$/);
  expect(from([file("a.png"), file("b.png")], ["Files"])!.files.map(({ name }) => name)).toEqual(["a.png", "b.png"]);
  expect(from([file("image.png")], ["Files", "text/plain", "text/rtf"], "table")).toBeNull();
});
