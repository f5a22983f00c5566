import { expect } from "vitest";
import type { Desk } from "./desk";
import { more, openMeetings } from "./meetingdeeds";
import { either } from "./words";

// What guests of a meeting do, and what hosts do for them, in either language.


/** Makes a link for guests in the meeting that this desk is in, `another` beside one that there is, and closes what showed it. */
export async function guestLink(desk: Desk, another = false): Promise<string> {
  const { page } = desk;
  await more(desk, "meetings.guests.open");
  const field = page.getByRole("textbox", { name: either("meetings.guests.link") });
  let before = "";
  if (another) {
    before = await field.inputValue();
    await page.getByRole("button", { name: either("invites.another") }).click();
  }
  await page.getByRole("button", { name: either("meetings.guests.create") }).click();
  await page.getByRole("img", { name: either("meetings.guests.qr") }).waitFor();
  await expect.poll(() => field.inputValue()).not.toBe(before);
  const link = await field.inputValue();
  await page.getByRole("button", { name: either("action.close") }).first().click();
  return link;
}

/** Revokes the link that was made last: the one that is valid longest stands first. */
export async function revokeGuestLink(desk: Desk): Promise<void> {
  const { page } = desk;
  await more(desk, "meetings.guests.open");
  const row = page.getByRole("region", { name: either("invites.existing") }).getByRole("listitem").first();
  await row.getByRole("button", { name: either("invites.revoke") }).click();
  await row.getByText(either("invites.revoked")).waitFor();
  await page.getByRole("button", { name: either("action.close") }).first().click();
}

export interface Coming {
  /** Not when the link will be refused: then one gets to why not. */
  readonly ready?: boolean;
  /** A relay that the link has to name. */
  readonly over?: string;
  /** From the meetings of a workspace of one's own. */
  readonly owner?: boolean;
}

/** From the very first screen, or one's own meetings, to the look at camera and microphone. */
export async function comeAsGuest(desk: Desk, link: string, name: string, { ready = true, over, owner = false }: Coming = {}): Promise<void> {
  const { page } = desk;
  if (owner) await openMeetings(desk);
  await page.getByRole("button", { name: either(owner ? "guest.short" : "guest.title") }).click();
  await page.getByLabel(either("guest.linkLabel")).fill(link);
  const preview = page.getByRole("status").filter({ hasText: either("guest.preview") });
  await preview.waitFor();
  if (over !== undefined) await preview.getByText(over).waitFor();
  await page.getByLabel(either("welcome.nameLabel")).fill(name);
  await page.getByRole("button", { name: either("guest.enter") }).click();
  if (ready) await page.getByRole("region", { name: either("meetings.before.preview") }).locator("video").waitFor();
}

export async function knockAsGuest({ page }: Desk): Promise<void> {
  await page.getByRole("button", { name: either("guest.knock") }).click();
}

export async function admit({ page }: Desk, name: string): Promise<void> {
  await page.getByRole("button", { name: either("meetings.knock.admitName", { name }) }).click();
}

/** That the link is refused, and with which words. */
export async function guestFails({ page }: Desk, words: string): Promise<void> {
  await page.getByRole("heading", { name: either("guest.failed") }).waitFor();
  await page.getByText(words).waitFor();
}
