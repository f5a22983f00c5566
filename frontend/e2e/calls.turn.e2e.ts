import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { createWorkspace, joinByInvite, makeInvite, setUp } from "./deeds";
import type { Desk } from "./desk";
import { addRelay } from "./folderdeeds";
import { control, hears, leave, listen, ringing, sees, tile } from "./meetingdeeds";
import { RelayNet } from "./relaynet";
import { either } from "./words";

// A call between two networks that reach nothing but a relay: messages and pictures go over it, the latter over its TURN server.

const COMPANY = `远方事务所 ${Math.random().toString(36).slice(2, 8)}`;
const NO_CABLES = "no network namespaces here";

let net: RelayNet;
let li: Desk;
let wang: Desk;

function tellOnFailure(): void {
  onTestFailed(() => {
    for (const desk of [li, wang]) console.error(`--- ${desk?.name}\n${desk?.tail()}`);
    console.error(`--- relay\n${net.tail()}`);
  });
}

beforeAll(async () => {
  net = await RelayNet.open(2, { cameras: true, turn: true });
  if (!net.isolated) return;
  const link = await net.startRelay();
  li = await net.sitDown(0, "li", { language: "zh", width: 900, height: 620 });
  await setUp(li, "李卓然");
  await createWorkspace(li, COMPANY);
  await addRelay(li, link);
  await li.page.locator(`[data-relay="${net.host}:${net.port}"]`).getByText(/已连接/).waitFor();
  const invite = await makeInvite(li);
  wang = await net.sitDown(1, "wang", { language: "en", width: 900, height: 620 });
  await setUp(wang, "王敏");
  await joinByInvite(wang, invite, COMPANY);
  await Promise.all([li, wang].map(listen));
});
afterAll(async () => {
  for (const desk of [li, wang]) await desk?.close();
  await net?.close();
});

const both = () => Promise.all([sees(li, "王敏"), sees(wang, "李卓然"), hears(li), hears(wang)]);

describe("a call over a relay's TURN server", () => {
  it("is seen and heard, though neither network reaches the other", async (story) => {
    story.skip(!net.isolated, NO_CABLES);
    tellOnFailure();
    expect(net.reaches(0, net.addressOf(1))).toBe(false);
    await wang.page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.directory") }).click();
    await wang.page.getByRole("link", { name: /李卓然/ }).click();
    await wang.page.getByRole("button", { name: either("meetings.call.video") }).click();
    await ringing(li).getByRole("button", { name: either("meetings.ring.acceptVideo") }).click();
    await both();
  });

  it("goes on after a cable was pulled for a while, and ends in order", async (story) => {
    story.skip(!net.isolated, NO_CABLES);
    tellOnFailure();
    net.cable(1, false);
    await li.page.waitForTimeout(5_000);
    net.cable(1, true);
    await both();
    await control(wang, "meetings.deed.mute").click();
    await expect.poll(() => tile(li, /王敏/).getAttribute("aria-label")).toMatch(either("meetings.tile.muted"));
    await leave(wang);
    await li.page.getByRole("button", { name: either("meetings.toList") }).waitFor();
  });
});
