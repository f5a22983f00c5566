import type { Desk } from "./desk";
import { more } from "./meetingdeeds";
import { either } from "./words";

// What guests of a meeting do, and what hosts do for them, in either language.

const PATIENCE = 60_000;

/** Makes a link for guests in the meeting that this desk is in, and closes what showed it. */
export async function guestLink(desk: Desk): Promise<string> {
  const { page } = desk;
  await more(desk, "meetings.guests.open");
  await page.getByRole("button", { name: either("meetings.guests.create") }).click();
  await page.getByRole("img", { name: either("meetings.guests.qr") }).waitFor();
  const link = await page.getByRole("textbox", { name: either("meetings.guests.link") }).inputValue();
  await page.getByRole("button", { name: either("action.close") }).first().click();
  return link;
}

export interface Coming {
  /** Not when the link will be refused: then one gets to why not. */
  readonly ready?: boolean;
  /** A relay that the link has to name. */
  readonly over?: string;
}

/** From the very first screen to the look at camera and microphone. */
export async function comeAsGuest({ page }: Desk, link: string, name: string, { ready = true, over }: Coming = {}): Promise<void> {
  await page.getByRole("button", { name: either("guest.title") }).click();
  await page.getByLabel(either("guest.linkLabel")).fill(link);
  const preview = page.getByRole("status").filter({ hasText: either("guest.preview") });
  await preview.waitFor();
  if (over !== undefined) await preview.getByText(over).waitFor();
  await page.getByLabel(either("welcome.nameLabel")).fill(name);
  await page.getByRole("button", { name: either("guest.enter") }).click();
  if (ready) await page.getByRole("region", { name: either("meetings.before.preview") }).locator("video").waitFor({ timeout: PATIENCE });
}

export async function knockAsGuest({ page }: Desk): Promise<void> {
  await page.getByRole("button", { name: either("guest.knock") }).click();
}

export async function admit({ page }: Desk, name: string): Promise<void> {
  await page.getByRole("button", { name: either("meetings.knock.admitName", { name }) }).click({ timeout: PATIENCE });
}

/** That the link is refused, and with which words. */
export async function guestFails({ page }: Desk, key: string): Promise<void> {
  await page.getByRole("heading", { name: either("guest.failed") }).waitFor({ timeout: PATIENCE });
  await page.getByText(either(key)).waitFor();
}
