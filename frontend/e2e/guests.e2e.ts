import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { expectAccessible } from "./axe";
import { launchWithCameras } from "./cameras";
import { createWorkspace, inside, joinByInvite, makeInvite, openConversation, post, sees, setUp } from "./deeds";
import { Desk } from "./desk";
import { admit, comeAsGuest, guestFails, guestLink, knockAsGuest, revokeGuestLink } from "./guestdeeds";
import { control, endForAll, hears, join, listen, people, seesAll, startMeeting, tile } from "./meetingdeeds";
import { either, say } from "./words";

// Guests of a meeting over real processes: they have no workspace, and come by a link. The stories follow each other.

const OWN = `晨光设计 ${Math.random().toString(36).slice(2, 8)}`;
const COMPANY = `青禾建筑 ${Math.random().toString(36).slice(2, 8)}`;
const EVERYONE = either("messages.everyone");

let browser: Browser;
let li: Desk;
let wang: Desk;
let guest: Desk;
let late: Desk;
let chen: Desk;
let link = "";
const desks = () => [li, wang, guest, late, chen].filter(Boolean);
const tellOnFailure = () => onTestFailed(() => {
  for (const desk of desks()) console.error(`--- ${desk.name}\n${desk.tail()}`);
});

beforeAll(async () => {
  browser = await launchWithCameras();
  const open = (name: string, language: "zh" | "en") => Desk.open(browser, name, { language, width: 1000, height: 700 });
  [li, wang, guest, late, chen] = await Promise.all([open("li", "zh"), open("wang", "en"), open("guest", "zh"), open("late", "en"), open("chen", "en")]);
  await Promise.all([setUp(li, "李卓然"), setUp(wang, "王敏"), setUp(chen, "陈思远")]);
  await Promise.all([createWorkspace(li, COMPANY), createWorkspace(chen, OWN)]);
  await joinByInvite(wang, await makeInvite(li, 1), COMPANY);
  await Promise.all(desks().map(listen));
});
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
    await guest.page.getByRole("toolbar", { name: either("meetings.controls") }).waitFor();
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

  it("is turned away by a link that was revoked, while who came by it stays", async () => {
    tellOnFailure();
    const revoked = await guestLink(li, true);
    await revokeGuestLink(li);
    await comeAsGuest(late, revoked, "周文博", { ready: false });
    await guestFails(late, say("en", "guest.refused.invite_revoked"));
    await expectAccessible(late.page, "a guest: refused");
    await late.page.getByRole("button", { name: either("guest.done") }).click();
    await late.page.getByRole("heading", { name: either("welcome.nameTitle") }).waitFor();
    await Promise.all([seesAll(guest, ["李卓然", "王敏"]), hears(guest)]);
  });

  it("who was removed is told so, and does not come back", async () => {
    tellOnFailure();
    await people(li);
    await li.page.getByRole("button", { name: either("meetings.people.menu", { name: "何岚" }) }).click();
    await li.page.getByRole("menuitem", { name: either("meetings.people.remove") }).click();
    await li.page.getByRole("alertdialog").getByRole("button", { name: either("action.remove") }).click();
    await guest.page.getByRole("heading", { name: say("zh", "meetings.end.removed") }).waitFor();
    await guest.page.getByText(say("zh", "meetings.endText.removed")).waitFor();
    await expectAccessible(guest.page, "a guest: removed");
    await guest.page.getByRole("button", { name: either("guest.done") }).click();
    await comeAsGuest(guest, link, "何岚", { ready: false });
    await guestFails(guest, say("zh", "errors.call_removed"));
  });
});

describe("somebody with a workspace of their own", () => {
  it("comes by a link as a guest, from their meetings", async () => {
    tellOnFailure();
    await openConversation(chen, EVERYONE);
    await post(chen, "只给自己人看");
    await comeAsGuest(chen, link, "陈思远", { owner: true });
    await knockAsGuest(chen);
    await admit(li, "陈思远");
    await chen.page.getByRole("toolbar", { name: either("meetings.controls") }).waitFor();
    await Promise.all([seesAll(chen, ["李卓然", "王敏"]), seesAll(li, ["王敏", "陈思远"]), hears(chen), hears(li)]);
    expect(await chen.page.getByRole("navigation").count()).toBe(0);
  });

  it("hears that the host ended the meeting, and is back in the own workspace; the link is dead", async () => {
    tellOnFailure();
    await endForAll(li);
    await chen.page.getByText(either("meetings.end.endedByHost")).waitFor();
    await expectAccessible(chen.page, "a guest: after the end");
    await chen.page.getByRole("button", { name: either("guest.done") }).click();
    await inside(chen.page);
    await chen.page.getByText(OWN).first().waitFor();
    await openConversation(chen, EVERYONE);
    await sees(chen, "只给自己人看");
    await comeAsGuest(late, link, "周文博", { ready: false });
    await guestFails(late, say("en", "errors.call_over"));
  });
});

it("left no complaint of the page behind", () => {
  const complaints = desks().flatMap((desk) => desk.complaints().map((line) => `${desk.name}: ${line}`)).filter((line) => !/status of 4\d\d|WebSocket connection|ERR_CONNECTION_REFUSED/.test(line));
  expect(complaints).toEqual([]);
});
