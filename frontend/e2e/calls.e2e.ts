import { execFile } from "node:child_process";
import { open, stat } from "node:fs/promises";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { launchWithCameras } from "./cameras";
import { createWorkspace, joinByInvite, makeInvite, openConversation, setUp } from "./deeds";
import { Desk } from "./desk";
import { chooseLast, control, enterByLink, hears, hearsNothing, hubAt, join, knock, leave, listen, more, openMeetings, people, planAndPost, ringing, sees, seesAll, startMeeting, tile } from "./meetingdeeds";
import { either } from "./words";

// Meetings over real processes, with made-up cameras and microphones: what is proven is that pictures and sound arrive. The stories follow
// each other and share the desks.

const COMPANY = `青禾建筑 ${Math.random().toString(36).slice(2, 8)}`;
const EVERYONE = either("messages.everyone");
const NAMES = ["李卓然", "王敏", "陈思远", "赵一鸣", "孙悦", "周文博"] as const;

let browser: Browser;
let desks: Desk[] = [];
const nameOf = (desk: Desk) => NAMES[desks.indexOf(desk)]!;
const tellOnFailure = () => onTestFailed(() => {
  for (const desk of desks) console.error(`--- ${desk.name}\n${desk.tail()}`);
});

/** Everybody of them sees everybody else of them. */
async function seeEachOther(some: readonly Desk[]): Promise<void> {
  await Promise.all(some.map((desk) => seesAll(desk, some.filter((other) => other !== desk).map(nameOf))));
}

beforeAll(async () => {
  browser = await launchWithCameras();
  desks = await Promise.all(["li", "wang", "chen", "zhao", "sun", "zhou"].map((name, index) => Desk.open(browser, name, { language: index % 2 === 0 ? "zh" : "en", width: 900, height: 620 })));
  await Promise.all(desks.map((desk) => setUp(desk, nameOf(desk))));
  const [li, ...others] = desks as [Desk, ...Desk[]];
  await createWorkspace(li, COMPANY);
  const link = await makeInvite(li, 5);
  await Promise.all(others.map((desk) => joinByInvite(desk, link, COMPANY)));
  await Promise.all(desks.map(listen));
});
afterAll(async () => {
  for (const desk of desks) await desk.close();
  await browser?.close();
});

describe("a call of two", () => {
  it("rings, is taken, and both see and hear each other", async () => {
    tellOnFailure();
    const [li, wang] = desks as [Desk, Desk];
    await wang.page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.directory") }).click();
    await wang.page.getByRole("link", { name: /李卓然/ }).click();
    await wang.page.getByRole("button", { name: either("meetings.call.video") }).click();
    await wang.page.getByText(either("meetings.calling.text")).waitFor();
    await ringing(li).getByText("王敏").waitFor();
    await ringing(li).getByRole("button", { name: either("meetings.ring.acceptVideo") }).click();
    await Promise.all([sees(li, "王敏"), sees(wang, "李卓然"), hears(li), hears(wang)]);
  });

  it("who is muted is not heard, who has the camera off is not seen", async () => {
    tellOnFailure();
    const [li, wang] = desks as [Desk, Desk];
    await control(li, "meetings.deed.mute").click();
    await expect.poll(() => tile(wang, /李卓然/).getAttribute("aria-label")).toMatch(either("meetings.tile.muted"));
    await hearsNothing(wang);
    await control(li, "meetings.deed.cameraOff").click();
    await tile(wang, /李卓然/).locator("video").waitFor({ state: "detached" });
    await control(li, "meetings.deed.unmute").click();
    await control(li, "meetings.deed.cameraOn").click();
    await Promise.all([hears(wang), sees(wang, "李卓然")]);
  });

  it("goes on with another microphone, camera and speaker, and with the space bar held", async () => {
    tellOnFailure();
    const [li, wang] = desks as [Desk, Desk];
    await more(li, "meetings.devices.title");
    for (const kind of ["microphone", "camera", "speaker"] as const) await chooseLast(li, either(`meetings.devices.${kind}`));
    await li.page.getByRole("dialog").getByRole("button", { name: either("action.close") }).click();
    await Promise.all([hears(wang), sees(wang, "李卓然"), hears(li)]);
    await expect.poll(() => li.page.evaluate("(window.sinks ?? []).at(-1) ?? ''")).not.toBe("");
    await control(li, "meetings.deed.mute").click();
    await control(li, "meetings.deed.unmute").waitFor();
    await hearsNothing(wang);
    // Where the pointer is not on a button, which a space would press.
    await li.page.getByRole("region", { name: either("meetings.stage") }).click({ position: { x: 4, y: 4 } });
    await li.page.keyboard.down("Space");
    await li.page.getByText(either("meetings.talking")).waitFor();
    await hears(wang);
    await li.page.keyboard.up("Space");
    await control(li, "meetings.deed.unmute").waitFor();
    await hearsNothing(wang);
    await control(li, "meetings.deed.unmute").click();
    await more(li, "meetings.pip");
    await expect.poll(() => li.page.evaluate("document.pictureInPictureElement !== null")).toBe(true);
    await more(li, "meetings.pip");
    await expect.poll(() => li.page.evaluate("document.pictureInPictureElement !== null")).toBe(false);
  });

  it("goes on with what is behind somebody blurred", async () => {
    tellOnFailure();
    const [li, wang] = desks as [Desk, Desk];
    // What is sent is made in the page then, no camera's own picture.
    const isMade = () => li.page.evaluate(() => (window as unknown as { connections: RTCPeerConnection[] }).connections
      .some((one) => one.getSenders().some(({ track }) => track?.kind === "video" && track.constructor.name === "MediaStreamTrackGenerator")));
    await more(li, "meetings.blur.label");
    await expect.poll(isMade).toBe(true);
    await sees(wang, "李卓然");
    await more(li, "meetings.blur.label");
    await expect.poll(isMade).toBe(false);
    await sees(wang, "李卓然");
  });

  it("is over for both when one leaves; one that was not taken is missed", async () => {
    tellOnFailure();
    const [li, wang] = desks as [Desk, Desk];
    await leave(wang);
    await li.page.getByRole("button", { name: either("meetings.toList") }).waitFor();
    await openConversation(li, EVERYONE);
    await openConversation(wang, "李卓然");
    await wang.page.getByRole("button", { name: either("meetings.call.voice") }).click();
    await ringing(li).waitFor();
    await wang.page.getByRole("button", { name: either("meetings.calling.end") }).click();
    await ringing(li).waitFor({ state: "detached" });
    await expect.poll(() => li.page.getByRole("navigation", { name: either("nav.main") }).textContent()).toMatch(either("nav.missed_other", { count: 1 }));
    await openMeetings(li);
    await li.page.getByRole("article", { name: /王敏, / }).getByText(either("meetings.past.missed")).waitFor();
  });
});

it("is declined with a few words, which arrive", async () => {
  tellOnFailure();
  const [li, wang] = desks as [Desk, Desk];
  await wang.page.getByRole("button", { name: either("meetings.toList") }).click();
  await openConversation(wang, "李卓然");
  await wang.page.getByRole("button", { name: either("meetings.call.video") }).click();
  await ringing(li).getByRole("button", { name: either("meetings.ring.reply") }).click();
  await ringing(li).getByRole("button", { name: either("meetings.ring.quick.meeting") }).click();
  await wang.page.getByRole("heading", { name: either("meetings.end.declined") }).waitFor();
  await wang.page.getByRole("button", { name: either("meetings.toChat") }).click();
  await wang.page.getByRole("log").getByText(either("meetings.ring.quick.meeting")).waitFor();
});

describe("a planned meeting", () => {
  it("is begun by its link; hosts mute, and decide who shares; notes arrive", async () => {
    tellOnFailure();
    const [li, wang, chen, zhao] = desks as [Desk, Desk, Desk, Desk];
    await planAndPost(li, "周例会", EVERYONE);
    await enterByLink(li, "周例会", "meetings.before.start");
    await Promise.all([wang, chen, zhao].map(async (desk) => {
      await openConversation(desk, EVERYONE);
      await enterByLink(desk, "周例会", "meetings.before.join");
    }));
    await seeEachOther([li, wang, chen, zhao]);
    await people(li);
    await li.page.getByRole("button", { name: either("meetings.people.menu", { name: "陈思远" }) }).click();
    await li.page.getByRole("menuitem", { name: either("meetings.people.mute") }).click();
    await control(chen, "meetings.deed.unmute").waitFor();
    await expect.poll(() => tile(wang, /陈思远/).getAttribute("aria-label")).toMatch(either("meetings.tile.muted"));
    await control(chen, "meetings.deed.unmute").click();
    await control(chen, "meetings.deed.mute").waitFor();
    await li.page.getByRole("complementary").getByRole("button", { name: either("meetings.rule.muteAll") }).click();
    await Promise.all([wang, chen, zhao].map((desk) => control(desk, "meetings.deed.unmute").waitFor()));
    await control(li, "meetings.deed.mute").waitFor();
    await more(li, "meetings.rule.mayShare");
    await expect.poll(() => control(wang, "meetings.deed.share").isDisabled()).toBe(true);
    await more(li, "meetings.rule.mayShare");
    await expect.poll(() => control(wang, "meetings.deed.share").isDisabled()).toBe(false);
    await wang.page.keyboard.press("Alt+n");
    const box = wang.page.getByRole("textbox", { name: either("meetings.notes.label") });
    await box.fill("样品周三寄出");
    await box.press("Enter");
    await zhao.page.keyboard.press("Alt+n");
    const note = zhao.page.getByRole("list", { name: either("meetings.notes.title") }).getByRole("listitem").filter({ hasText: "样品周三寄出" });
    await note.waitFor();
    await expect.poll(() => note.textContent()).toMatch(/^00:\d\d:\d\d王敏/);
  });

  it("goes on without who was removed, and without its host; whoever is host then ends it for all", async () => {
    tellOnFailure();
    const [li, wang, chen, zhao] = desks as [Desk, Desk, Desk, Desk];
    await li.page.getByRole("button", { name: either("meetings.people.menu", { name: "陈思远" }) }).click();
    await li.page.getByRole("menuitem", { name: either("meetings.people.remove") }).click();
    await li.page.getByRole("alertdialog").getByRole("button", { name: either("action.remove") }).click();
    await chen.page.getByRole("heading", { name: either("meetings.end.removed") }).waitFor();
    await chen.page.getByRole("button", { name: either("meetings.toList") }).click();
    await knock(chen);
    await chen.page.getByRole("alert").getByText(either("errors.call_removed")).waitFor();
    await seeEachOther([li, wang, zhao]);
    await leave(li);
    await seeEachOther([wang, zhao]);
    const ends = control(wang, "meetings.deed.leave");
    const all = wang.page.getByRole("menuitem", { name: either("meetings.leave.all") });
    // The host's device is heard to be gone, and wang came first of those who are left: a menu opens then.
    await expect.poll(async () => (await ends.getAttribute("aria-haspopup")) ?? "").toBe("menu");
    await ends.click();
    await all.click();
    await Promise.all([wang, zhao].map((desk) => desk.page.getByRole("heading", { name: either("meetings.end.endedByHost") }).waitFor()));
    await Promise.all([li, wang, zhao].map((desk) => desk.page.getByRole("button", { name: either("meetings.toList") }).click()));
    await li.page.getByRole("button", { name: either("meetings.notes.count_other", { count: 1 }) }).click();
    await li.page.getByRole("dialog").getByText("样品周三寄出").waitFor();
    await li.page.keyboard.press("Escape");
    await li.page.getByRole("dialog").waitFor({ state: "detached" });
  });
});

describe("a meeting", () => {
  it("of four: everybody sees and hears everybody", async () => {
    tellOnFailure();
    const [li, ...others] = desks.slice(0, 4) as [Desk, ...Desk[]];
    await startMeeting(li, EVERYONE);
    await Promise.all(others.map(join));
    await seeEachOther([li, ...others]);
    await Promise.all([li, ...others].map(hears));
  });

  it("shows the screen of somebody who shares it, large", async () => {
    tellOnFailure();
    const [li, , chen] = desks as [Desk, Desk, Desk];
    const screen = either("meetings.tile.screen", { name: "陈思远" });
    await control(chen, "meetings.deed.share").click();
    await tile(li, screen).waitFor();
    await sees(li, screen);
    await expect.poll(async () => (await tile(li, screen).boundingBox())!.width).toBeGreaterThan(400);
    await control(chen, "meetings.deed.unshare").click();
    await tile(li, screen).waitFor({ state: "detached" });
  });

  it("goes on for who loads the page again", async () => {
    tellOnFailure();
    const [li, , chen] = desks as [Desk, Desk, Desk];
    await chen.page.reload();
    await Promise.all([sees(chen, "李卓然"), hears(chen), sees(li, "陈思远")]);
  });

  it("is recorded, everybody is told, and the file is there", async () => {
    tellOnFailure();
    const [li, wang] = desks as [Desk, Desk];
    await more(wang, "meetings.recording.start");
    await li.page.getByRole("alert").getByText(either("meetings.recording.consent", { names: "王敏" })).waitFor();
    // Its own clock, not that of the meeting or of a note.
    await wang.page.getByText(either("meetings.recording.on")).filter({ hasText: /0:0[4-9]|0:[1-5]\d|[1-9]:\d\d/ }).waitFor();
    await more(wang, "meetings.recording.stop");
    const said = wang.page.getByText(either("meetings.recording.saved"));
    await said.waitFor();
    const path = /(\/.*\.webm)/.exec((await said.textContent())!)![1]!;
    expect((await stat(path)).size).toBeGreaterThan(20_000);
    const file = await open(path);
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    await file.close();
    // What a WebM file begins with.
    expect(buffer.toString("hex")).toBe("1a45dfa3");
    // And a player that is not ours finds pictures and sound in it.
    const probe = promisify(execFile);
    const { stdout } = await probe("ffprobe", ["-v", "error", "-count_frames", "-show_entries", "stream=codec_type,nb_read_frames", "-of", "json", path]);
    const streams = (JSON.parse(stdout) as { streams: { codec_type: string; nb_read_frames: string }[] }).streams;
    const read = (kind: string) => Number(streams.find((one) => one.codec_type === kind)?.nb_read_frames ?? 0);
    expect(read("video")).toBeGreaterThan(5);
    expect(read("audio")).toBeGreaterThan(50);
    const { stderr } = await probe("ffmpeg", ["-hide_banner", "-nostdin", "-i", path, "-vn", "-af", "volumedetect", "-f", "null", "-"]);
    // The made-up microphones beep; silence is at -91 dB.
    expect(Number(/max_volume: (-?[\d.]+) dB/.exec(stderr)?.[1] ?? -91)).toBeGreaterThan(-60);
  });

  it("lets in from the lobby whom a host admits", async () => {
    tellOnFailure();
    const [li, , , , sun] = desks as [Desk, Desk, Desk, Desk, Desk];
    // The program has it before somebody knocks.
    await Promise.all([li.page.waitForResponse(/CallsService\/Control$/), more(li, "meetings.rule.lobby")]);
    await knock(sun);
    await sun.page.getByText(either("meetings.lobby.text")).waitFor();
    await li.page.getByRole("button", { name: either("meetings.knock.admitName", { name: "孙悦" }) }).click();
    await sun.page.getByRole("toolbar", { name: either("meetings.controls") }).waitFor();
    await sees(sun, "李卓然");
    await more(li, "meetings.rule.lobby");
  });

  it("of six has a hub, and goes on when the hub is killed", async () => {
    tellOnFailure();
    await join(desks[5]!);
    await seeEachOther(desks);
    let hub: string | null = null;
    await expect.poll(async () => {
      const said = await Promise.all(desks.map((desk) => hubAt(desk, NAMES, nameOf(desk))));
      hub = said.every((one) => one === said[0]) ? said[0]! : null;
      return hub;
    }, { message: "everybody names the same hub" }).not.toBeNull();
    const lost = desks.find((desk) => nameOf(desk) === hub)!;
    await lost.stop("SIGKILL");
    await seeEachOther(desks.filter((desk) => desk !== lost));
  });
});

it("left no complaint of the page behind", () => {
  const complaints = desks.flatMap((desk) => desk.complaints().map((line) => `${desk.name}: ${line}`)).filter((line) => !/status of 4\d\d|WebSocket connection|ERR_CONNECTION_REFUSED/.test(line));
  expect(complaints).toEqual([]);
});
