// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { AttachmentState, type Attachment, type Message } from "../../../api";
import { openRoom } from "../../../testing/room";
import type { World } from "../../../runtime/fake/world";
import { Attachments } from "../Attachments";
import { kindOf } from "./kind";
import { look } from "./viewing";
import { Viewer } from "./Viewer";
import { scaleOf, step } from "./zoom";

afterEach(() => {
  look(null);
  cleanup();
});
vi.stubGlobal("ResizeObserver", class { observe() {} disconnect() {} });

const messages = (world: World) => [...world.conversations.values()].flatMap(({ log }) => log.filter((message) => message.attachments.length > 0));
const open = (part: (all: readonly Message[]) => React.ReactNode) => openRoom("files", (_, world) => part(messages(world)));

it("knows what can be looked at, by what the program says and else by the name", () => {
  const kind = (name: string, mediaType = "application/octet-stream", isPicture = false) => kindOf({ name, mediaType, isPicture });
  expect([kind("a.png", "image/png", true), kind("a.mp4", "video/mp4"), kind("a", "audio/mpeg"), kind("合同.PDF"), kind("README.md"), kind("x", "text/csv")])
    .toEqual(["picture", "film", "sound", "pdf", "text", "text"]);
  // What may hold scripts is text; what the program does not give to the page is a card.
  expect([kind("a.svg", "image/svg+xml"), kind("a.html", "text/html"), kind("a.mkv", "video/x-matroska"), kind("CON"), kind("a.exe"), kind("bomb.png", "image/png")])
    .toEqual(["text", "text", null, null, null, null]);
  // The end of a name is the one that stands there, whatever direction it is shown in.
  expect(kind("\u202Etxt.exe")).toBe(null);
});

it("fits a picture in, never larger than it is, and steps from any scale", () => {
  const room = { width: 1000, height: 500 };
  expect(scaleOf("fit", { width: 2000, height: 200 }, room)).toBe(0.5);
  expect(scaleOf("fit", { width: 1, height: 1 }, room)).toBe(1);
  expect(scaleOf("fit", { width: 30_000, height: 30_000 }, room)).toBeCloseTo(1 / 60);
  expect([step(0.4, 1), step(0.5, 1), step(0.4, -1), step(8, 1), step(0.02, -1)]).toEqual([0.5, 0.67, 0.33, 8, 0.02]);
});

it("looks at a picture, goes on through the conversation by keys, and ends", async () => {
  await open((all) => (
    <>
      {all.map((message) => <Attachments key={message.id} message={message} />)}
      <Viewer conversationID={all[0]!.conversationId} />
    </>
  ));
  fireEvent.click(await screen.findByRole("button", { name: /现场照片/ }));
  const dialog = await screen.findByRole("dialog", { name: "现场照片.jpg" });
  fireEvent.keyDown(dialog, { key: "+" });
  await screen.findByText("150 %");
  fireEvent.keyDown(dialog, { key: "ArrowRight" });
  // What is not here is left out.
  await screen.findByRole("dialog", { name: "会议纪要.txt" });
  await waitFor(() => expect(document.querySelector("pre")?.textContent).toContain("采购清单"));
  fireEvent.keyDown(screen.getByRole("dialog"), { key: "ArrowLeft" });
  await screen.findByRole("dialog", { name: "现场照片.jpg" });
  // A key that comes while the next file is still looked for does nothing.
  await waitFor(() => {
    fireEvent.keyDown(screen.getByRole("dialog"), { key: "ArrowLeft" });
    expect(screen.getByText("No other file to look at here.")).toBeTruthy();
  });
  fireEvent.click(screen.getByRole("button", { name: "Close" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

it("leaves a picture that would take all memory as a file, and says so", async () => {
  await open((all) => {
    const message = all.find((one) => one.attachments.some((file) => file.isPicture))!;
    const picture = message.attachments.find((file) => file.isPicture)!;
    Object.assign(picture, { width: 30_000, height: 30_000, isPicture: false, state: AttachmentState.HERE });
    return <Attachments message={message} />;
  });
  await screen.findByText(/too large to be shown here/);
  expect(document.querySelector("img")).toBeNull();
});

it("keeps one place for a film before and after it is here, and says when it does not play", async () => {
  let film: Attachment | undefined;
  await open((all) => {
    film ??= all.flatMap((message) => message.attachments).find((file) => file.mediaType === "video/mp4");
    const message = all.find((one) => one.attachments.includes(film!))!;
    film!.state = AttachmentState.HERE;
    film!.width = 1920;
    film!.height = 1080;
    return <Attachments message={message} />;
  });
  const player = await screen.findByLabelText<HTMLVideoElement>("施工录像.mp4");
  expect([player.tagName, player.style.width]).toEqual(["VIDEO", "320px"]);
  fireEvent.error(player);
  await screen.findByText("This cannot be played here. It can be saved.");
  expect(screen.getByRole("link", { name: "Save 施工录像.mp4" })).toBeTruthy();
});
