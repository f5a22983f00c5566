import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { expectAccessible } from "./axe";
import { launchWithCameras } from "./cameras";
import { createWorkspace, joinByInvite, makeInvite, setUp } from "./deeds";
import { Desk } from "./desk";
import { admit, comeAsGuest, guestFails, guestLink, knockAsGuest } from "./guestdeeds";
import { control, endForAll, hears, join, listen, seesAll, startMeeting, tile } from "./meetingdeeds";
import { either } from "./words";

// Guests of a meeting over real processes: they have no workspace, and come by a link. The stories follow each other.

const COMPANY = `青禾建筑 ${Math.random().toString(36).slice(2, 8)}`;
const EVERYONE = either("messages.everyone");

let browser: Browser;
let li: Desk;
let wang: Desk;
let guest: Desk;
let late: Desk;
let link = "";
const desks = () => [li, wang, guest, late].filter(Boolean);
const tellOnFailure = () => onTestFailed(() => {
  for (const desk of desks()) console.error(`--- ${desk.name}\n${desk.tail()}`);
});

beforeAll(async () => {
  browser = await launchWithCameras();
  const open = (name: string, language: "zh" | "en") => Desk.open(browser, name, { language, width: 1000, height: 700 });
  [li, wang, guest, late] = await Promise.all([open("li", "zh"), open("wang", "en"), open("guest", "zh"), open("late", "en")]);
  await Promise.all([setUp(li, "李卓然"), setUp(wang, "王敏")]);
  await createWorkspace(li, COMPANY);
  await joinByInvite(wang, await makeInvite(li, 1), COMPANY);
  await Promise.all(desks().map(listen));
}, 180_000);
afterAll(async () => {
  for (const desk of desks()) await desk.close();
  await browser?.close();
});

describe("a guest", () => {
  it("has no workspace, opens the link, says a name and waits in the lobby", async () => {
    tellOnFailure();
    await startMeeting(li, EVERYONE);
    await join(wang);
    link = await guestLink(li);
    expect(link).toMatch(/^roundtable:\/\/guest\//);
    await comeAsGuest(guest, link, "何岚");
    await expectAccessible(guest.page, "a guest: before a meeting");
    await knockAsGuest(guest);
    await guest.page.getByText(either("meetings.lobby.text")).waitFor();
    await expectAccessible(guest.page, "a guest: in the lobby");
  });

  it("is let in, and all see and hear each other", async () => {
    tellOnFailure();
    await admit(li, "何岚");
    await guest.page.getByRole("toolbar").waitFor();
    await Promise.all([
      seesAll(guest, ["李卓然", "王敏"]), seesAll(li, ["王敏", "何岚"]), seesAll(wang, ["李卓然", "何岚"]), hears(guest), hears(li), hears(wang),
    ]);
  });

  it("is marked as one everywhere", async () => {
    tellOnFailure();
    const tag = either("meetings.guests.tag");
    await Promise.all([li, wang].map((desk) => tile(desk, /何岚/).getByText(tag).waitFor()));
    await control(guest, "meetings.people.title").click();
    await guest.page.getByRole("article", { name: "何岚" }).getByText(tag).waitFor();
    await expectAccessible(guest.page, "a guest: people");
    await control(guest, "meetings.people.title").click();
  });

  it("writes and reads in the chat of the meeting", async () => {
    tellOnFailure();
    for (const desk of [li, guest]) await control(desk, "meetings.chat.title").click();
    const write = async (desk: Desk, text: string) => {
      await desk.page.getByRole("complementary").getByRole("textbox").fill(text);
      await desk.page.keyboard.press("Enter");
    };
    await write(li, "欢迎来开会");
    await guest.page.getByText("欢迎来开会").waitFor();
    await write(guest, "大家好，我是何岚");
    await li.page.getByText("大家好，我是何岚").waitFor();
    await li.page.getByText(either("meetings.guests.chat")).waitFor();
    await expectAccessible(guest.page, "a guest: chat");
  });

  it("has nothing of the workspace on its machine", async () => {
    tellOnFailure();
    expect(await guest.page.getByRole("navigation").count()).toBe(0);
    const asked = await guest.page.evaluate(async () => {
      const call = async (method: string) => (await fetch(`/api/roundtable.v1.${method}`, { method: "POST", headers: { "Content-Type": "application/json", "X-Roundtable": "1" }, body: "{}" })).json();
      return [await call("PeopleService/Workspaces"), await call("CallsService/Overview")];
    });
    expect(asked[0]).toEqual({});
    expect(asked[1]).not.toHaveProperty("past");
    expect(asked[1]).not.toHaveProperty("ongoing");
  });

  it("goes on after the page is loaded again", async () => {
    tellOnFailure();
    await guest.page.reload();
    await Promise.all([seesAll(guest, ["李卓然", "王敏"]), seesAll(li, ["王敏", "何岚"]), hears(guest)]);
  });

  it("sees that the host ended the meeting, and the link is dead", async () => {
    tellOnFailure();
    await endForAll(li);
    await guest.page.getByText(either("meetings.end.endedByHost")).waitFor();
    await expectAccessible(guest.page, "a guest: after the end");
    await guest.page.getByRole("button", { name: either("guest.done") }).click();
    await guest.page.getByRole("heading", { name: either("welcome.nameTitle") }).waitFor();
    await comeAsGuest(late, link, "周文博", { ready: false });
    await guestFails(late, "errors.call_over");
    await expectAccessible(late.page, "a guest: refused");
  });
});

it("left no complaint of the page behind", () => {
  const complaints = desks().flatMap((desk) => desk.complaints().map((line) => `${desk.name}: ${line}`)).filter((line) => !/status of 4\d\d|WebSocket connection|ERR_CONNECTION_REFUSED/.test(line));
  expect(complaints).toEqual([]);
});
