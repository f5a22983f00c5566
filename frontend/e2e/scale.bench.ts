import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launch } from "./desk";
import { either } from "./words";

// Figures of the screen over a real process with an organisation in it: docs/BENCHMARKS.md. SEEDED names a profile that devseed
// filled before; without it one is filled here.

const BIN = resolve(import.meta.dirname, "../../bin");
/** Much of everything, and one conversation that is long. */
const OFFICE = ["people=30000", "departments=2000", "groups=5000", "messages=20000"];
const LONG = ["people=0", "groups=0", "messages=5000"];
/** So many turns of the wheel go far beyond what is loaded at first. */
const TURNS = 40;
const WHEEL = 300;
const KEYS = 60;

let browser: Browser;
let place = "";
let page: Page;
const programs: ChildProcess[] = [];

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "roundtable-scale-"));
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  await Promise.all(programs.map((program) => new Promise((done) => program.once("exit", done) && program.kill())));
  await rm(place, { recursive: true, force: true });
});

async function seeded(name: string, sizes: readonly string[]): Promise<string> {
  const profile = join(place, name);
  await promisify(execFile)(join(BIN, "roundtable-devseed"), [profile, ...sizes]);
  return profile;
}

/** Starts the program on a profile and looks at it. */
async function look(profile: string): Promise<void> {
  const program = spawn(join(BIN, "roundtable-headless"), ["--profile", profile, "--listen", "127.0.0.1:0", "--lan", "off", "--no-nearby", "--language", "en", "--log-level", "warn"], {
    stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, HOME: place, DBUS_SESSION_BUS_ADDRESS: "" },
  });
  programs.push(program);
  const address = await new Promise<string>((done, fail) => {
    createInterface({ input: program.stdout! }).on("line", (line) => line.startsWith("open ") && done(line.slice(5)));
    program.once("exit", (code) => fail(new Error(`the program ended with ${code}`)));
  });
  page = await (await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" })).newPage();
  page.setDefaultTimeout(120_000);
  await page.addInitScript(() => {
    const busy = { longest: 0 };
    Object.assign(window, { busy });
    new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => (busy.longest = Math.max(busy.longest, duration)))).observe({ type: "longtask" });
  });
  await page.goto(address);
  await rows().first().waitFor();
}

function figure(name: string, value: number, unit = "ms"): void {
  process.stdout.write(`figure ${name} ${value.toFixed(1)} ${unit}\n`);
}

const rows = () => page.getByRole("list", { name: either("messages.list") }).getByRole("link");

/** The longest that the page could not be used for, since it was asked last. */
async function longest(name: string): Promise<void> {
  const busy = await page.evaluate(() => {
    const { busy } = window as unknown as { busy: { longest: number } };
    const { longest } = busy;
    busy.longest = 0;
    return longest;
  });
  figure(`${name}_longest_task_ms`, busy);
}

/** From each key to the first picture that has it. */
async function typing(text: string): Promise<number[]> {
  await page.evaluate(() => {
    const times: number[] = [];
    Object.assign(window, { times });
    addEventListener("keydown", ({ timeStamp }) => requestAnimationFrame(() => {
      const after = new MessageChannel();
      after.port1.onmessage = () => times.push(performance.now() - timeStamp);
      after.port2.postMessage(null); // once the frame is drawn
    }), { capture: true });
  });
  for (const key of text) {
    await page.keyboard.press(key);
    await page.waitForTimeout(60);
  }
  return (await page.evaluate(() => (window as unknown as { times: number[] }).times)).sort((a, b) => a - b);
}

const part = (all: readonly number[], share: number): number => all[Math.min(all.length - 1, Math.floor(all.length * share))]!;

it("scrolls through 5,000 conversations", async () => {
  const profile = process.env["SEEDED"] ?? await seeded("office", OFFICE);
  const begin = performance.now();
  await look(profile);
  figure("screen_start_ms", performance.now() - begin); // the program's own start, too
  await longest("screen_start");
  const list = page.getByRole("list", { name: either("messages.list") });
  await list.hover();
  for (let i = 0; i < 30; i++) {
    await page.mouse.wheel(0, 3000);
    await page.waitForTimeout(30);
  }
  await longest("conversations_scroll");
}, 1_200_000);

/** How far lines moved more or less than the wheel, while older messages came in above them: the largest difference after any turn. */
async function shift(): Promise<number> {
  await page.getByRole("log").hover();
  let most = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    const watching = page.evaluate((wheel) => new Promise<number>((done) => {
      const places = () => new Map([...document.querySelectorAll<HTMLElement>("[data-message]")].map((row) => [row.dataset["message"]!, row.getBoundingClientRect().top]));
      let last = places(), moved = 0, frames = 0;
      const step = () => {
        const now = places();
        const steps = new Set([...now].filter(([id, y]) => last.has(id) && y > 60 && y < 640).map(([id, y]) => Math.round(y - last.get(id)!)));
        moved += [...steps][0] ?? 0;
        last = now;
        // A busy machine turns the wheel later.
        if (steps.size > 1) done(Number.NaN);
        else if (++frames < 16 || (Math.abs(moved) < wheel && frames < 200)) requestAnimationFrame(step);
        else done(moved);
      };
      requestAnimationFrame(step);
    }), WHEEL);
    await page.mouse.wheel(0, -WHEEL);
    most = Math.max(most, Math.abs((await watching) - WHEEL));
  }
  return most;
}

it("finds somebody as one types", async () => {
  await page.keyboard.press("Control+k");
  const field = page.getByRole("combobox").first();
  await field.waitFor();
  const keys = await typing("zhangwei");
  figure("switcher_key_ms", part(keys, 0.5));
  figure("switcher_key_worst_ms", part(keys, 1));
  await page.getByRole("option").first().waitFor();
  await longest("switcher");
  await page.keyboard.press("Escape");
}, 300_000);

it("opens a directory of 30,000 in 2,000 departments", async () => {
  const begin = performance.now();
  await page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.directory") }).click();
  const people = page.getByRole("group", { name: either("directory.rows") });
  await people.getByRole("link").first().or(people.getByRole("button").first()).waitFor();
  figure("directory_screen_ms", performance.now() - begin);
  await people.hover();
  for (let i = 0; i < 30; i++) {
    await page.mouse.wheel(0, 5000);
    await page.waitForTimeout(30);
  }
  await longest("directory");
  expect(await page.getByRole("main").isVisible()).toBe(true);
}, 300_000);

it("unfolds its tree until all departments are there", async () => {
  // One after the other, as fast as they come: the page itself presses, since to look for 2,000 buttons from outside takes longer than that.
  const { presses, took } = await page.evaluate(async () => {
    const frame = () => new Promise(requestAnimationFrame);
    const begin = performance.now();
    let presses = 0;
    let quiet = 0;
    while (quiet < 30) { // what is below the last one may still be asked for
      const next = document.querySelector<HTMLButtonElement>("[data-level] button[aria-expanded=false]");
      if (next) {
        next.click();
        presses++;
        quiet = 0;
      } else quiet++;
      await frame();
    }
    return { presses, took: performance.now() - begin };
  });
  figure("tree_departments", await page.locator("[data-level] > li").count(), "departments");
  figure("tree_unfold_ms", took / presses);
  await longest("tree_unfold");
  await page.locator("[data-level]").first().hover();
  for (let i = 0; i < 30; i++) {
    await page.mouse.wheel(0, 3000);
    await page.waitForTimeout(30);
  }
  await longest("tree_scroll");
}, 300_000);

it("types where one writes, and goes back in history", async () => {
  await look(await seeded("long", LONG));
  const begin = performance.now();
  await rows().first().click();
  await page.getByRole("log").locator("[data-message]").first().waitFor();
  figure("conversation_open_ms", performance.now() - begin);
  await page.getByRole("textbox", { name: either("composer.label") }).click();
  const keys = await typing("the quick brown fox jumps over the lazy dog and goes on and on ".slice(0, KEYS));
  figure("key_to_screen_ms", part(keys, 0.5));
  figure("key_to_screen_p95_ms", part(keys, 0.95));
  await longest("composer");
  figure("list_prepend_shift_px", await shift(), "px");
  await longest("history");
}, 300_000);
