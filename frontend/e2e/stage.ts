import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { build, preview, type PreviewServer } from "vite";
import { expect } from "vitest";
import { PATIENCE } from "./patience";
import { slowDown } from "./slow";

export type Language = "zh" | "en";

export interface Look {
  readonly language?: Language;
  readonly dark?: boolean;
  readonly width?: number;
  readonly height?: number;
}

/** What React notes beside its warnings for a browser's tools is a third of its time, and nobody looks at it here. */
const NO_TOOLS = `Object.defineProperty(Error, "stackTraceLimit", { get: () => 0, set: () => {} }); console.createTask = console.timeStamp = undefined;`;

/** The screen over its fake: no program, no network, only what is drawn. */
export class Stage {
  readonly complaints: string[] = [];
  private readonly contexts = new Map<string, Promise<BrowserContext>>();
  /** Pages that a test has left, by look. */
  private readonly left = new Map<string, Page[]>();
  private readonly looks = new Map<Page, string>();
  private readonly scenes = new Map<Page, string>();

  private constructor(private readonly browser: Browser, private readonly server: PreviewServer, private readonly folder: string | null) {}

  /** Built once: a page of a few files opens in half the time of one of hundreds. Not for production, or there were no fake and no warnings of React. Who runs many files builds it for all of them. */
  static async open(browser: Browser): Promise<Stage> {
    const root = resolve(import.meta.dirname, "..");
    const common = { root, configFile: resolve(root, "vite.config.ts"), mode: "development", logLevel: "error" } as const;
    const given = process.env["ROUNDTABLE_STAGE"];
    const outDir = given ?? (await mkdtemp(join(tmpdir(), "roundtable-stage-")));
    if (given === undefined) await build({ ...common, build: { outDir, emptyOutDir: true, minify: false, cssMinify: false, reportCompressedSize: false } });
    const server = await preview({ ...common, build: { outDir }, preview: { host: "127.0.0.1", port: 0 } });
    return new Stage(browser, server, given === undefined ? outDir : null);
  }

  /** A page that a test has left loads the scene anew: a new one is a new process, which takes about a third more of a processor's time. */
  async show(scene: string, look: Look = {}): Promise<Page> {
    const { language = "zh", dark = false, width = 1280, height = 800 } = look;
    const name = [language, dark, width, height].join();
    const page = this.left.get(name)?.pop() ?? (await this.newPage(name, { language, dark, width, height }));
    this.scenes.set(page, scene);
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: dark ? "dark" : "light", reducedMotion: "reduce" });
    await page.goto(`${this.server.resolvedUrls!.local[0]!}?fake=${scene}`);
    await page.getByRole("main").waitFor();
    // It listens to keys a moment after it is drawn, and what it asks for at its start comes in between.
    await settle(page);
    return page;
  }

  /** The test is done with a page, and has put nothing in its way: no routes, no listeners. */
  async leave(page: Page): Promise<void> {
    const name = this.looks.get(page)!;
    await page.goto("about:blank");
    await page.mouse.move(0, 0);
    this.left.set(name, [...(this.left.get(name) ?? []), page]);
  }

  private async newPage(name: string, look: Required<Look>): Promise<Page> {
    const page = await (await this.context(name, look)).newPage();
    const complain = (text: string) => this.complaints.push(`${this.scenes.get(page)}: ${text}`);
    page.setDefaultTimeout(PATIENCE);
    await slowDown(page);
    page.on("pageerror", (error) => complain(error.message));
    page.on("console", (message) => message.type() === "error" && complain(message.text()));
    this.looks.set(page, name);
    return page;
  }

  /** One for each look: a new one is a new window each time, and what it has compiled is forgotten. What a page remembers is forgotten all the same. */
  private context(name: string, { language, dark, width, height }: Required<Look>): Promise<BrowserContext> {
    const made = this.contexts.get(name) ?? this.browser.newContext({
      viewport: { width, height }, locale: language === "en" ? "en-GB" : "zh-CN", colorScheme: dark ? "dark" : "light", reducedMotion: "reduce",
    }).then(async (context) => {
      await context.addInitScript("if (location.protocol === 'http:') { localStorage.clear(); sessionStorage.clear(); }");
      await context.addInitScript(NO_TOOLS);
      return context;
    });
    this.contexts.set(name, made);
    return made;
  }

  async close(): Promise<void> {
    await this.server.close();
    if (this.folder !== null) await rm(this.folder, { recursive: true, force: true });
  }
}

/** Looks at a page that stays still after which it is settled, and how often at most it is looked at. Counted, not timed: a page that gets little of a processor looks seldom, too. */
const STILL = 4;
const MOST = 100;

/** Waits until what was asked for is drawn: nothing is asked, nothing moves, and nothing has been put in or taken out for a few looks, between which the page could draw. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate(([still, most]) => new Promise<void>((done) => {
    let quiet = 0;
    let looks = 0;
    // A meter is never still, and a clock is none of what is waited for.
    const observer = new MutationObserver((changes) => changes.some(({ target }) => !(target as Element).closest("[role=meter]")) && (quiet = 0));
    observer.observe(document.documentElement, { subtree: true, childList: true, attributes: true });
    // What turns for ever, such as a sign of waiting, is no reason to wait.
    const moves = () => document.getAnimations().some((one) => one.playState === "running" && one.effect?.getComputedTiming().endTime !== Infinity);
    const asks = () => (window as unknown as { stage?: { isAsked(): boolean } }).stage?.isAsked() ?? false;
    const look = () => {
      quiet = asks() || moves() ? 0 : quiet + 1;
      if (quiet < still && ++looks < most) return next();
      observer.disconnect();
      done();
    };
    const next = () => {
      let waits = true;
      const drawn = () => {
        if (waits) setTimeout(look, 30);
        waits = false;
      };
      requestAnimationFrame(drawn);
      // Where no frames are drawn at all.
      setTimeout(drawn, 1_000);
    };
    next();
  }), [STILL, MOST] as const);
}

/** The same place in the other language and theme, without the way there. What passes by itself waits: it would be another place. */
export async function turn(page: Page, language: Language, dark: boolean): Promise<void> {
  const shape = () => page.evaluate(() => ["h1", "h2", "button", "input", "textarea", "table", "[role=dialog]", "[role=alertdialog]", "[role=option]"].map((what) => document.querySelectorAll(what).length));
  await page.evaluate("stage.world.hold()");
  await settle(page);
  const before = await shape();
  await page.emulateMedia({ colorScheme: dark ? "dark" : "light", reducedMotion: "reduce" });
  await page.evaluate(`{ stage.world.settings.language = "${language}"; stage.world.changed("settings"); }`);
  await page.waitForFunction((tag) => document.documentElement.lang === tag, language === "zh" ? "zh-CN" : "en");
  await settle(page);
  // It is still the place that was gone to.
  expect(await shape()).toEqual(before);
}

/** Waits until the keyboard is within something: what is typed before goes elsewhere. */
export async function holdsKeyboard(place: Locator): Promise<void> {
  await expect.poll(() => place.evaluate((element) => element.contains(document.activeElement))).toBe(true);
}
