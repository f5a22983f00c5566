import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import type { Desk } from "./desk";
import { either } from "./words";

// What people do with shared folders: on their disk, and on the screen.

/** A folder of one computer, in which a person works with other programs. */
export class Place {
  constructor(readonly root: string) {}

  at(path: string): string {
    return join(this.root, path);
  }

  write(path: string, content: string | Buffer): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), content);
  }

  read(path: string): string | null {
    return existsSync(this.at(path)) ? readFileSync(this.at(path), "utf8") : null;
  }

  /** What lies directly in it, but for what the program keeps there. */
  list(): string[] {
    return readdirSync(this.root).filter((name) => name !== ".roundtable").sort();
  }

  move(from: string, to: string): void {
    mkdirSync(dirname(this.at(to)), { recursive: true });
    renameSync(this.at(from), this.at(to));
  }

  remove(path: string): void {
    rmSync(this.at(path), { recursive: true });
  }

  /** Waits until a file has this content. */
  async has(path: string, content: string): Promise<void> {
    await expect.poll(() => this.read(path), { message: this.at(path) }).toBe(content);
  }

  async lacks(path: string): Promise<void> {
    await expect.poll(() => existsSync(this.at(path)), { message: this.at(path) }).toBe(false);
  }

  /** Waits until a file is as it is in another place. */
  async matches(path: string, other: Place): Promise<void> {
    const same = () => existsSync(this.at(path)) && readFileSync(this.at(path)).equals(readFileSync(other.at(path)));
    await expect.poll(same, { message: this.at(path) }).toBe(true);
  }
}

export const button = (desk: Desk, key: string, values = {}): Locator => desk.page.getByRole("button", { name: either(key, values) }).first();
export const dialog = ({ page }: Desk): Locator => page.getByRole("dialog").or(page.getByRole("alertdialog"));
export const row = ({ page }: Desk, name: string | RegExp): Locator => page.getByRole("row", { name }).first();
export const panel = ({ page }: Desk): Locator => page.getByRole("region", { name: either("folders.panel") });
export const offer = ({ page }: Desk): Locator => page.getByRole("region", { name: either("folders.offer.label") });
export const inList = ({ page }: Desk, name: string | RegExp): Locator => page.getByRole("list", { name: either("folders.list") }).getByRole("link", { name });

export async function gone(what: Locator): Promise<void> {
  await what.first().waitFor({ state: "detached" });
}

/** Shared folders, of which one is opened when it is named. */
export async function openFolders(desk: Desk, name?: string): Promise<void> {
  const { page } = desk;
  await page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.folders") }).click();
  // The page that was open before goes, and with it what was chosen there.
  const none = page.getByRole("heading", { level: 1, name: either("folders.chooseTitle") });
  await none.or(page.getByRole("heading", { level: 1, name: either("folders.emptyTitle") })).waitFor();
  if (name === undefined) return;
  await inList(desk, name).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
}

export async function view(desk: Desk, key: "files" | "changes" | "conflicts" | "problems" | "bin"): Promise<void> {
  await desk.page.getByRole("navigation", { name: either("folders.views") }).getByRole("link", { name: either(`folders.view.${key}`) }).click();
}

/** The sentence below the name of the open folder. */
export const sentence = ({ page }: Desk): Locator => page.getByRole("main").locator("header").getByRole("status");

export async function says(desk: Desk, key: string, values = {}): Promise<void> {
  await expect.poll(() => sentence(desk).textContent()).toMatch(either(`folders.state.${key}`, values));
}

/** Takes something from the menu of the open folder. */
export async function menu(desk: Desk, key: string): Promise<void> {
  const { page } = desk;
  await page.getByRole("main").getByRole("button", { name: either("folders.menu.title") }).first().click();
  await page.getByRole("menuitem", { name: either(`folders.menu.${key}`) }).click();
  await dialog(desk).waitFor();
}

/** Presses a button of the dialog that is open, which closes it. */
export async function confirm(desk: Desk, key: string): Promise<void> {
  await dialog(desk).getByRole("button", { name: either(key) }).last().click();
  await gone(dialog(desk));
}

/** Goes to a folder of this computer in the chooser: from where one begins, one name after the other. */
export async function goTo({ page }: Desk, ...names: string[]): Promise<void> {
  for (const name of names) await page.getByRole("option").filter({ has: page.getByText(name, { exact: true }) }).dblclick();
}

/** Shares a folder of the home of a person with colleagues, who may write unless a role is given. */
export async function share(desk: Desk, name: string, colleagues: Readonly<Record<string, "read" | "write" | "manage">>): Promise<void> {
  const { page } = desk;
  await openFolders(desk);
  await page.getByRole("main").getByRole("button", { name: either("folders.share") }).or(page.getByRole("button", { name: either("folders.share") })).first().click();
  await goTo(desk, "home", name);
  await button(desk, "action.continue").click();
  await pick(desk, colleagues);
  await confirm(desk, "folders.sharing.share");
  await page.getByRole("heading", { level: 1, name }).waitFor();
}

/** Keeps all of a folder that is offered, where it is suggested. */
export async function keepWhole(desk: Desk, name: string): Promise<void> {
  await openFolders(desk, name);
  await offer(desk).getByRole("button", { name: either("folders.offer.whole") }).click();
  await expect.poll(() => desk.page.getByRole("textbox", { name: either("folders.keep.place") }).inputValue()).not.toBe("");
  await confirm(desk, "folders.keep.keep");
}

/** Ticks people, each with what they may. */
export async function pick({ page }: Desk, colleagues: Readonly<Record<string, "read" | "write" | "manage">>): Promise<void> {
  for (const [person, role] of Object.entries(colleagues)) {
    await page.getByRole("checkbox", { name: person }).check();
    if (role === "write") continue;
    await choose(page, either("folders.members.role", { name: person }), role);
  }
}

/** Opens the choice of a role and takes one, by keyboard: a click right after opening counts as the end of the opening press. */
export async function choose(page: Page, select: RegExp, role: "read" | "write" | "manage"): Promise<void> {
  await page.getByRole("combobox", { name: select }).press("Enter");
  const wanted = page.getByRole("option", { name: either(`folders.role.${role}`) }).filter({ hasText: either(`folders.role.${role}Note`) });
  await wanted.waitFor();
  await wanted.press("Enter");
  await wanted.waitFor({ state: "detached" });
}

/** Takes a relay by its link; its row is what one looks at then. */
export async function addRelay({ page }: Desk, link: string): Promise<void> {
  await page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.settings") }).click();
  await page.getByRole("link", { name: either("settings.relays"), exact: true }).click();
  await page.getByRole("button", { name: either("relays.emptyPaste") }).click();
  await page.getByRole("textbox", { name: either("relays.link") }).fill(link);
  await page.getByRole("button", { name: either("relays.addAction") }).click();
}
