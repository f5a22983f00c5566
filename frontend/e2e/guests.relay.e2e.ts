import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { createWorkspace, setUp } from "./deeds";
import type { Desk } from "./desk";
import { addRelay } from "./folderdeeds";
import { admit, comeAsGuest, guestLink, knockAsGuest } from "./guestdeeds";
import { endForAll, hears, listen, seesAll, startMeeting } from "./meetingdeeds";
import { RelayNet } from "./relaynet";
import { either } from "./words";

// A guest from a network that reaches nothing but a relay, which only the link names. The stories follow each other.

const COMPANY = `远方事务所 ${Math.random().toString(36).slice(2, 8)}`;
const NO_CABLES = "no network namespaces here";

let net: RelayNet;
let li: Desk;
let guest: Desk;

function tellOnFailure(): void {
  onTestFailed(() => {
    for (const desk of [li, guest]) console.error(`--- ${desk?.name}\n${desk?.tail()}`);
    console.error(`--- relay\n${net.tail()}`);
  });
}

beforeAll(async () => {
  net = await RelayNet.open(2, { cameras: true, turn: true });
  if (!net.isolated) return;
  const relay = await net.startRelay();
  [li, guest] = await Promise.all([
    net.sitDown(0, "li", { language: "zh", width: 900, height: 620 }), net.sitDown(1, "guest", { language: "en", width: 900, height: 620 }),
  ]);
  await setUp(li, "李卓然");
  await createWorkspace(li, COMPANY);
  await addRelay(li, relay);
  await li.page.locator(`[data-relay="${net.host}:${net.port}"]`).getByText(/已连接/).waitFor();
  await Promise.all([li, guest].map(listen));
});
afterAll(async () => {
  for (const desk of [li, guest]) await desk?.close();
  await net?.close();
});

describe("a guest over a relay alone", () => {
  it("opens the link, which says over what it leads, and waits in the lobby", async (story) => {
    story.skip(!net.isolated, NO_CABLES);
    tellOnFailure();
    expect(net.reaches(1, net.addressOf(0))).toBe(false);
    await startMeeting(li, either("messages.everyone"));
    await comeAsGuest(guest, await guestLink(li), "何岚", { over: net.host });
    await knockAsGuest(guest);
    await guest.page.getByText(either("meetings.lobby.text")).waitFor();
  });

  it("is let in, and both see and hear each other", async (story) => {
    story.skip(!net.isolated, NO_CABLES);
    tellOnFailure();
    await admit(li, "何岚");
    await guest.page.getByRole("toolbar", { name: either("meetings.controls") }).waitFor();
    await Promise.all([seesAll(guest, ["李卓然"]), seesAll(li, ["何岚"]), hears(guest), hears(li)]);
  });

  it("learns over the relay that the host ended the meeting", async (story) => {
    story.skip(!net.isolated, NO_CABLES);
    tellOnFailure();
    await endForAll(li);
    await guest.page.getByText(either("meetings.end.endedByHost")).waitFor();
    await guest.page.getByRole("button", { name: either("guest.done") }).click();
    await guest.page.getByRole("heading", { name: either("welcome.nameTitle") }).waitFor();
  });
});
