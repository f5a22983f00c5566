import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { openConversation } from "./deeds";
import type { Desk } from "./desk";
import { either } from "./words";

// What people do in meetings, and what they then see and hear, in either language.

/** From its first word on: 静音 stands in 解除静音, too. */
export const control = ({ page }: Desk, key: string): Locator => page.getByRole("toolbar", { name: either("meetings.controls") }).getByRole("button", { name: new RegExp(`^(?:${either(key).source})`) });
export const tile = ({ page }: Desk, name: string | RegExp): Locator => page.getByRole("region", { name: either("meetings.stage") }).getByRole("article", { name });
export const ringing = ({ page }: Desk): Locator => page.getByRole("alertdialog", { name: either("meetings.ring.label") });

/** Keeps hold of the page's connections, whose numbers say what arrives. Begins with the next page. */
export async function listen({ page }: Desk): Promise<void> {
  await page.addInitScript(() => {
    const made: RTCPeerConnection[] = [];
    const sinks: string[] = [];
    Object.assign(window, { connections: made, sinks });
    // Echoes and noise are looked for at great cost; made-up microphones have none.
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (wanted) => ask(typeof wanted?.audio === "object" ? { ...wanted, audio: { ...wanted.audio, echoCancellation: false, noiseSuppression: false, autoGainControl: false } } : wanted);
    const turn = HTMLMediaElement.prototype.setSinkId;
    HTMLMediaElement.prototype.setSinkId = async function setSinkId(sink) {
      await turn.call(this, sink);
      sinks.push(sink);
    };
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(...given: ConstructorParameters<typeof RTCPeerConnection>) {
        super(...given);
        made.push(this);
      }
    };
  });
  await page.reload();
}

/** The energy of everything that arrived to be heard, a number that only grows. */
async function heard(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const all = (window as unknown as { connections: RTCPeerConnection[] }).connections.filter((one) => one.connectionState === "connected");
    let sum = 0;
    for (const one of all) for (const report of (await one.getStats()).values()) if (report.type === "inbound-rtp" && report.kind === "audio") sum += report.totalAudioEnergy ?? 0;
    return sum;
  });
}

async function frames(video: Locator): Promise<number> {
  return video.evaluate((element: HTMLVideoElement) => element.getVideoPlaybackQuality().totalVideoFrames, undefined, { timeout: 1000 }).catch(() => -1);
}

/** That the picture of somebody moves at this desk, from now on. */
export async function sees(desk: Desk, name: string | RegExp): Promise<void> {
  const video = tile(desk, name).locator("video").first();
  await video.waitFor();
  let first = await frames(video);
  await expect.poll(async () => {
    const now = await frames(video);
    // The element is another one after a change of place, and counts anew.
    if (now < first) first = now;
    return now - first;
  }, { message: `${desk.name} sees ${String(name)}` }).toBeGreaterThan(3);
}

/** That the pictures of all of them move at this desk, and that there are no others. Looked at together: one after the other would take as many turns. */
export async function seesAll(desk: Desk, names: readonly string[]): Promise<void> {
  const look = () => desk.page.evaluate(() => {
    const all = [...document.querySelectorAll<HTMLElement>("article[data-kind=camera]")];
    return all.map((one) => [one.ariaLabel ?? "", one.querySelector("video")?.getVideoPlaybackQuality().totalVideoFrames ?? -1] as const);
  });
  const first = new Map<string, number>();
  await expect.poll(async () => {
    const shown = await look();
    return names.filter((name) => {
      const now = shown.find(([label]) => label.startsWith(name))?.[1] ?? -1;
      const before = first.get(name);
      if (now < 0 || before === undefined || now < before) {
        if (now >= 0) first.set(name, now);
        return true;
      }
      return now - before <= 2;
    }).concat(shown.length === names.length + 1 ? [] : [`${shown.length} tiles`]);
  }, { message: `${desk.name} sees ${names.join()}` }).toEqual([]);
}

/** That something is heard at this desk, from now on: made-up microphones beep once a second. */
export async function hears(desk: Desk): Promise<void> {
  const first = await heard(desk.page);
  await expect.poll(() => heard(desk.page), { message: `${desk.name} hears` }).toBeGreaterThan(first + 1e-4);
}

/** That nothing is heard for longer than there is between two beeps. */
export async function hearsNothing(desk: Desk): Promise<void> {
  let last = await heard(desk.page);
  let since = Date.now();
  await expect.poll(async () => {
    const now = await heard(desk.page);
    if (now > last + 1e-6) since = Date.now();
    last = now;
    return Date.now() - since;
  }, { message: `${desk.name} hears nothing` }).toBeGreaterThan(2200);
}

export async function openMeetings({ page }: Desk): Promise<void> {
  await page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.meetings") }).click();
  await page.getByRole("heading", { level: 1, name: either("nav.meetings") }).waitFor();
}

/** Begins a meeting in a conversation, by way of looking at camera and microphone. */
export async function startMeeting(desk: Desk, conversation: RegExp): Promise<void> {
  const { page } = desk;
  await openMeetings(desk);
  await page.getByRole("main").getByRole("button", { name: either("meetings.start") }).click();
  await page.getByRole("dialog").getByRole("button", { name: conversation }).click();
  await ready(desk);
  await page.getByRole("button", { name: either("meetings.before.start") }).click();
  await page.getByRole("toolbar", { name: either("meetings.controls") }).waitFor();
}

/** Goes to the meeting that goes on, up to its door. */
export async function knock(desk: Desk): Promise<void> {
  const { page } = desk;
  await openMeetings(desk);
  await page.getByRole("button", { name: either("meetings.ongoing.join") }).click();
  await ready(desk);
  await page.getByRole("button", { name: either("meetings.before.join"), exact: true }).click();
}

export async function join(desk: Desk): Promise<void> {
  await knock(desk);
  await desk.page.getByRole("toolbar", { name: either("meetings.controls") }).waitFor();
}

/** Oneself is seen: camera and microphone are open. */
async function ready({ page }: Desk): Promise<void> {
  await page.getByRole("region", { name: either("meetings.before.preview") }).locator("video").waitFor();
}

export async function leave(desk: Desk): Promise<void> {
  await control(desk, "meetings.deed.leave").click();
  const self = desk.page.getByRole("menuitem", { name: either("meetings.leave.self") });
  const ended = desk.page.getByRole("button", { name: either("meetings.toList") });
  await self.or(ended).first().waitFor();
  if (await self.isVisible()) await self.click();
  await ended.waitFor();
}

export async function people(desk: Desk): Promise<void> {
  await control(desk, "meetings.people.title").click();
  await desk.page.getByRole("complementary").getByRole("list", { name: either("meetings.people.title") }).waitFor();
}

/** Takes the last device of a kind, in the dialog. By keyboard: a click right after opening counts as the end of the opening press. */
export async function chooseLast({ page }: Desk, kind: RegExp): Promise<void> {
  await page.getByRole("dialog").getByRole("combobox", { name: kind }).press("Enter");
  const last = page.getByRole("option").last();
  await last.waitFor();
  await last.press("Enter");
  await last.waitFor({ state: "detached" });
}

/** Plans a meeting and writes its link into the conversation. */
export async function planAndPost(desk: Desk, title: string, conversation: RegExp): Promise<void> {
  const { page } = desk;
  await openMeetings(desk);
  await page.getByRole("main").getByRole("button", { name: either("meetings.plan.open") }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: either("meetings.plan.name") }).fill(title);
  await dialog.getByRole("button", { name: conversation }).click();
  await dialog.getByRole("button", { name: either("meetings.plan.deed"), exact: true }).click();
  await page.getByRole("heading", { name: either("meetings.plan.done") }).waitFor();
  // What the button gives away, without a clipboard that all desks of this computer would share.
  await page.evaluate("navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }");
  await dialog.getByRole("button", { name: either("meetings.planned.copy") }).click();
  const link = await page.evaluate<string>("window.copied");
  await dialog.getByRole("button", { name: either("action.close") }).last().click();
  await openConversation(desk, conversation);
  const field = page.getByRole("textbox", { name: either("composer.label") });
  await field.fill(link);
  await field.press("Enter");
  await page.getByRole("log").getByRole("link", { name: new RegExp(title) }).last().waitFor();
}

/** Presses the card of a meeting in the conversation that is open, and goes in. */
export async function enterByLink(desk: Desk, title: string, deed: string): Promise<void> {
  const { page } = desk;
  await page.getByRole("log").getByRole("link", { name: new RegExp(title) }).last().click();
  await ready(desk);
  await page.getByRole("button", { name: either(deed), exact: true }).click();
  await page.getByRole("toolbar", { name: either("meetings.controls") }).waitFor();
}

export async function more(desk: Desk, key: string): Promise<void> {
  await control(desk, "meetings.deed.more").click();
  await desk.page.getByRole("menuitem", { name: either(key) }).click();
}

/** Whose computer forwards, as this desk says it; null while everybody is linked with everybody. */
export async function hubAt({ page }: Desk, names: readonly string[], self: string): Promise<string | null> {
  const text = (await page.getByRole("main").locator("header").first().textContent()) ?? "";
  if (either("meetings.head.hubSelf").test(text)) return self;
  return names.find((name) => either("meetings.head.hub", { name }).test(text)) ?? null;
}

/** A host ends the meeting for everybody. */
export async function endForAll(desk: Desk): Promise<void> {
  await control(desk, "meetings.deed.leave").click();
  await desk.page.getByRole("menuitem", { name: either("meetings.leave.all") }).click();
}
