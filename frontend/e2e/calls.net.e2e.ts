import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { createWorkspace, joinByInvite, makeInvite, setUp } from "./deeds";
import type { Desk } from "./desk";
import { addRelay } from "./folderdeeds";
import { control, hears, leave, listen, ringing, sees, tile } from "./meetingdeeds";
import { RelayNet } from "./relaynet";
import { either } from "./words";

// A call between two networks, each with a cable that can be pulled: desks meet over a relay, pictures go directly. The stories follow each other.

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
  net = await RelayNet.open(2, { routed: true, cameras: true });
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

describe("a call between two networks", () => {
  it("rings over the relay, and is seen and heard", async (story) => {
    story.skip(!net.isolated, NO_CABLES);
    tellOnFailure();
    await wang.page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.directory") }).click();
    await wang.page.getByRole("link", { name: /李卓然/ }).click();
    await wang.page.getByRole("button", { name: either("meetings.call.video") }).click();
    await ringing(li).getByRole("button", { name: either("meetings.ring.acceptVideo") }).click();
    await both();
  });

  it("comes back with pictures after a cable was pulled, and says meanwhile what is the matter", async (story) => {
    story.skip(!net.isolated, NO_CABLES);
    tellOnFailure();
    net.cable(1, false);
    // Somebody who is not heard for 8 s is taken for gone, unless the pictures' own way says otherwise: either is told.
    await expect.poll(async () => ((await tile(li, /王敏/).count()) === 0 ? "gone" : await tile(li, /王敏/).getAttribute("aria-label"))).toMatch(new RegExp(`gone|${either("meetings.tile.connecting").source}`));
    net.cable(1, true);
    await both();
  });

  it("goes on when the relay dies, and ends in order without it", async (story) => {
    story.skip(!net.isolated, NO_CABLES);
    tellOnFailure();
    await net.stopRelay("SIGKILL");
    // Longer than beats may be away.
    await li.page.waitForTimeout(10_000);
    await both();
    await control(wang, "meetings.deed.mute").click();
    await expect.poll(() => tile(li, /王敏/).getAttribute("aria-label")).toMatch(either("meetings.tile.muted"));
    await leave(wang);
    await li.page.getByRole("button", { name: either("meetings.toList") }).waitFor();
  });
});

it("left no complaint of the page behind", () => {
  const complaints = [li, wang].flatMap((desk) => (desk?.complaints() ?? []).map((line) => `${desk.name}: ${line}`)).filter((line) => !/status of 4\d\d|WebSocket connection|ERR_CONNECTION_REFUSED/.test(line));
  expect(complaints).toEqual([]);
});
