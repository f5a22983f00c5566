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

// A thousand colleagues are linked, and two hundred times a second somebody comes or goes, for ten seconds, while one looks at the list of
// 5,000 conversations and at a directory of 30,000: docs/BENCHMARKS.md. The program is the app itself, with links in memory. COLLEAGUES
// names a profile that devseed filled, which gets members; PAGE a folder with another page than the built one, to compare.

const BIN = resolve(import.meta.dirname, "../../bin");
const OFFICE = ["people=30000", "departments=2000", "groups=5000", "messages=20000"];

let browser: Browser;
let place = "";
let page: Page;
let program: ChildProcess;
const said: string[] = [];
let heard = () => {};

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "roundtable-presence-"));
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  if (program) await new Promise((done) => program.once("exit", done) && program.stdin!.end());
  await rm(place, { recursive: true, force: true });
});

/** Waits for a line of the program that begins so. */
async function line(start: string): Promise<string> {
  for (;;) {
    const at = said.findIndex((one) => one.startsWith(start));
    if (at >= 0) return said.splice(at, 1)[0]!;
    await new Promise<void>((done) => (heard = done));
  }
}

async function tell(word: string): Promise<void> {
  program.stdin!.write(`${word}\n`);
  await line(`done ${word}`);
}

function figure(name: string, value: number, unit = "ms"): void {
  process.stdout.write(`figure ${name} ${value.toFixed(1)} ${unit}\n`);
}

/** While they come and go: the longest that the page could not be used, and how much of the time it was busy for more than 50 ms. */
async function churned(name: string): Promise<void> {
  await page.evaluate(() => Object.assign((window as unknown as { busy: object }).busy, { longest: 0, sum: 0 }));
  const begin = performance.now();
  await tell("churn");
  const took = performance.now() - begin;
  const { longest, sum } = await page.evaluate(() => (window as unknown as { busy: { longest: number; sum: number } }).busy);
  figure(`${name}_longest_task_ms`, longest);
  figure(`${name}_long_tasks_percent`, (100 * sum) / took, "%");
}

it("keeps still while a thousand come and go", async () => {
  const profile = process.env["COLLEAGUES"] ?? join(place, "office");
  if (!process.env["COLLEAGUES"]) await promisify(execFile)(join(BIN, "roundtable-devseed"), [profile, ...OFFICE]);
  program = spawn(process.env["BENCH"] ?? join(BIN, "roundtable-bench"), ["colleagues-here", profile, process.env["PAGE"] ?? ""], { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, HOME: place } });
  createInterface({ input: program.stdout! }).on("line", (text) => {
    if (text.startsWith("figure ")) process.stdout.write(`${text}\n`);
    else said.push(text);
    heard();
  });
  const address = (await line("open ")).slice(5);
  page = await (await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" })).newPage();
  page.setDefaultTimeout(120_000);
  await page.addInitScript(() => {
    const busy = { longest: 0, sum: 0 };
    Object.assign(window, { busy });
    new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => {
      busy.longest = Math.max(busy.longest, duration);
      busy.sum += duration;
    })).observe({ type: "longtask" });
  });
  await page.goto(address);
  const list = page.getByRole("list", { name: either("messages.list") });
  await list.getByRole("link").first().waitFor();
  await tell("come");
  await list.getByRole("img", { name: either("presence.online") }).first().waitFor();
  await churned("presence_list");
  await page.getByRole("navigation", { name: either("nav.main") }).getByRole("link", { name: either("nav.directory") }).click();
  const people = page.getByRole("group", { name: either("directory.rows") });
  await people.getByText(either("presence.online")).first().waitFor();
  await churned("presence_directory");
  expect(await people.isVisible()).toBe(true);
}, 1_200_000);
