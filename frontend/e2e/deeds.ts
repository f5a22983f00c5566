import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import type { Desk } from "./desk";
import { either } from "./words";

// What people do at a desk, in either language.

/** Answers the first screen with this name, as it is; where keys are kept is the second question on machines without a keychain. */
export async function answerName({ page }: Desk, name: string): Promise<void> {
  await page.getByRole("textbox", { name: either("welcome.nameLabel") }).fill(name);
  await page.getByRole("button", { name: either("action.continue") }).click();
}

/** The file asks nothing at the next start. */
export async function keepKeysInFile({ page }: Desk): Promise<void> {
  await page.getByRole("radio", { name: either("welcome.file") }).click();
  await page.getByRole("button", { name: either("action.continue") }).click();
}

export async function setUp(desk: Desk, name: string): Promise<void> {
  const { page } = desk;
  await answerName(desk, name);
  const question = page.getByRole("heading", { name: either("welcome.keysQuestion") });
  const door = page.getByRole("heading", { name: either("door.title") });
  await question.or(door).waitFor();
  if (await question.isVisible()) await keepKeysInFile(desk);
  await door.waitFor();
}

export async function createWorkspace(desk: Desk, company: string): Promise<void> {
  const { page } = desk;
  await page.getByRole("button", { name: either("door.create") }).click();
  await page.getByRole("textbox", { name: either("door.companyLabel") }).fill(company);
  await page.getByRole("button", { name: either("action.create") }).click();
  await inside(page);
}

export async function inside(page: Page): Promise<void> {
  await page.getByRole("navigation", { name: either("nav.main") }).waitFor();
}

/** Asks for admission to a workspace that appears nearby; gives the digits on this screen. */
export async function askNearby(desk: Desk, company: string, host?: string): Promise<string> {
  const { page } = desk;
  const card = page.getByRole("article", { name: company, exact: true });
  await card.waitFor();
  await card.getByRole("button").click();
  if (host !== undefined) {
    // With several hosts a menu asks whom; with one it does not.
    const item = page.getByRole("menuitem", { name: host });
    const digits = page.locator("[data-digits]");
    await item.or(digits).first().waitFor();
    if (await item.isVisible()) await item.click();
  }
  return readDigits(page);
}

export async function readDigits(page: Page): Promise<string> {
  const digits = page.locator("[data-digits]");
  await digits.waitFor();
  const value = (await digits.getAttribute("data-digits"))!;
  expect(value).toMatch(/^\d{6}$/);
  return value;
}

export function request(desk: Desk): Locator {
  return desk.page.getByRole("alertdialog", { name: either("requests.region") });
}

export async function admit(desk: Desk): Promise<void> {
  await request(desk).getByRole("button", { name: either("action.admit") }).click();
  await request(desk).waitFor({ state: "detached" });
}

export async function openConversation(desk: Desk, name: string | RegExp): Promise<void> {
  const { page } = desk;
  await page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.messages") }).click();
  // The name itself, not a last message that begins with it.
  const title = page.getByText(typeof name === "string" ? name : new RegExp(`^(?:${name.source})$`), { exact: true });
  await page.getByRole("list", { name: either("messages.list") }).getByRole("link").filter({ has: title }).click();
  // The one that was open before has a log and a field, too.
  await page.getByRole("heading", { level: 1 }).filter({ has: title }).waitFor();
  await page.getByRole("log").waitFor();
}

/** The way to a conversation that somebody just made: the dialog is gone before the page has turned, and for that moment the field of the one before stands there. */
export async function arrives({ page }: Desk, name: string): Promise<void> {
  await page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
}

/** What stands beside the conversation; what is in it comes a moment later. */
export async function openDetails({ page }: Desk): Promise<void> {
  const details = page.getByRole("button", { name: either("action.details") });
  if ((await details.getAttribute("aria-pressed")) !== "true") await details.click();
}

/** Presses what comes up beside a message while the pointer is over it. It has the focus by then: a line that comes meanwhile pushes the message from under the pointer. */
export async function pressBeside(message: Locator, key: string): Promise<void> {
  const button = message.getByRole("toolbar").getByRole("button", { name: either(key) });
  await expect.poll(async () => {
    await message.getByRole("article").hover();
    return button.click({ trial: true, timeout: 2_000 }).then(() => true, () => false);
  }).toBe(true);
  await button.focus();
  await button.click();
}

/** What the page shows for so many ms stays until it is let go: a machine with other work on it looks later than a person. */
export async function hold({ page }: Desk, ms: number): Promise<() => Promise<void>> {
  await page.evaluate((ms) => {
    const { setTimeout, clearTimeout } = window;
    const held = new Map<number | undefined, () => void>();
    Object.assign(window, {
      setTimeout(run: () => void, after?: number, ...more: unknown[]) {
        const id = setTimeout(after === ms ? () => {} : run, after, ...more);
        if (after === ms) held.set(id, run);
        return id;
      },
      clearTimeout(id?: number) {
        held.delete(id);
        clearTimeout(id);
      },
      letGo() {
        Object.assign(window, { setTimeout, clearTimeout });
        for (const run of held.values()) run();
      },
    });
  }, ms);
  return () => page.evaluate("letGo()");
}

export async function openDirectory(desk: Desk): Promise<void> {
  await desk.page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.directory") }).click();
  await desk.page.getByRole("group", { name: either("directory.rows") }).waitFor();
}

export async function post(desk: Desk, text: string): Promise<void> {
  const field = desk.page.getByRole("textbox", { name: either("composer.label") });
  await field.fill(text);
  await field.press("Enter");
  await sees(desk, text);
  await expect.poll(() => field.inputValue()).toBe("");
}

export async function sees(desk: Desk, text: string): Promise<void> {
  await desk.page.getByRole("log").getByText(text, { exact: true }).waitFor();
}

/** The state in words below one's own message. */
export function stateOf(desk: Desk, text: string): Locator {
  return desk.page.getByRole("article").filter({ has: desk.page.getByText(text, { exact: true }) }).getByRole("button");
}

/** Opens a select and takes an option, by keyboard: a click right after opening counts as the end of the opening press. */
export async function choose(page: Page, select: RegExp, option: RegExp): Promise<void> {
  await page.getByRole("combobox", { name: select }).press("Enter");
  const wanted = page.getByRole("option", { name: option });
  await wanted.waitFor();
  await wanted.press("Enter");
  await wanted.waitFor({ state: "detached" });
}

export async function makeInvite(desk: Desk, uses = 1): Promise<string> {
  const { page } = desk;
  await openDirectory(desk);
  await page.getByRole("main").getByRole("button", { name: either("action.invite") }).first().click();
  if (uses > 1) {
    await choose(page, either("invites.uses"), either("invites.times_other", { count: 5 }));
  }
  await page.getByRole("button", { name: either("invites.create") }).click();
  const link = await page.getByRole("textbox", { name: either("invites.link") }).inputValue();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  return link;
}

export async function joinByInvite(desk: Desk, link: string, company: string): Promise<void> {
  const { page } = desk;
  await page.getByRole("button", { name: either("door.invite") }).click();
  await page.getByRole("textbox", { name: either("door.inviteLabel") }).fill(link);
  await page.getByRole("heading", { name: company }).waitFor();
  await page.getByRole("button", { name: either("door.join") }).click();
  await inside(page);
}
