import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { build, preview, type PreviewServer } from "vite";
import { expect } from "vitest";

export type Language = "zh" | "en";

/** The screen over its fake: no program, no network, only what is drawn. */
export class Stage {
  readonly complaints: string[] = [];
  private readonly contexts = new Map<string, Promise<BrowserContext>>();

  private constructor(private readonly browser: Browser, private readonly server: PreviewServer, private readonly folder: string) {}

  /** Built once: a page of a few files opens in half the time of one of hundreds. Not for production, or there were no fake and no warnings of React. */
  static async open(browser: Browser): Promise<Stage> {
    const root = resolve(import.meta.dirname, "..");
    const outDir = await mkdtemp(join(tmpdir(), "roundtable-stage-"));
    const common = { root, configFile: resolve(root, "vite.config.ts"), mode: "development", logLevel: "error" } as const;
    await build({ ...common, build: { outDir, emptyOutDir: true, minify: false, cssMinify: false, reportCompressedSize: false } });
    const server = await preview({ ...common, build: { outDir }, preview: { host: "127.0.0.1", port: 0 } });
    return new Stage(browser, server, outDir);
  }

  async show(scene: string, look: { language?: Language; dark?: boolean; width?: number; height?: number } = {}): Promise<Page> {
    const page = await (await this.context(look)).newPage();
    page.setDefaultTimeout(20_000);
    page.on("pageerror", (error) => this.complaints.push(`${scene}: ${error.message}`));
    page.on("console", (message) => message.type() === "error" && this.complaints.push(`${scene}: ${message.text()}`));
    await page.goto(`${this.server.resolvedUrls!.local[0]!}?fake=${scene}`);
    await page.getByRole("main").waitFor();
    return page;
  }

  /** One for each look: a new one is a new window each time, and what it has compiled is forgotten. What a page remembers is forgotten all the same. */
  private context(look: { language?: Language; dark?: boolean; width?: number; height?: number }): Promise<BrowserContext> {
    const { language = "zh", dark = false, width = 1280, height = 800 } = look;
    const name = [language, dark, width, height].join();
    const made = this.contexts.get(name) ?? this.browser.newContext({
      viewport: { width, height }, locale: language === "en" ? "en-GB" : "zh-CN", colorScheme: dark ? "dark" : "light", reducedMotion: "reduce",
    }).then(async (context) => {
      await context.addInitScript("if (location.protocol === 'http:') localStorage.clear();");
      return context;
    });
    this.contexts.set(name, made);
    return made;
  }

  async close(): Promise<void> {
    await this.server.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Waits until what was asked for is drawn: nothing moves, and nothing has been put in for a moment. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate(() => new Promise<void>((done) => {
    const until = performance.now() + 3_000;
    let last = performance.now();
    const observer = new MutationObserver(() => (last = performance.now()));
    observer.observe(document.documentElement, { subtree: true, childList: true, characterData: true, attributes: true });
    // What turns for ever, such as a sign of waiting, is no reason to wait.
    const moves = () => document.getAnimations().some((one) => one.playState === "running" && one.effect?.getComputedTiming().endTime !== Infinity);
    const look = () => {
      const now = performance.now();
      if ((now - last > 120 && !moves()) || now > until) {
        observer.disconnect();
        done();
      } else setTimeout(look, 30);
    };
    look();
  }));
}

/** The same place in the other language and theme, without the way there. */
export async function turn(page: Page, language: Language, dark: boolean): Promise<void> {
  const shape = () => page.evaluate(() => ["h1", "h2", "button", "input", "textarea", "table", "[role=dialog]", "[role=alertdialog]", "[role=option]"].map((what) => document.querySelectorAll(what).length));
  const before = await shape();
  await page.emulateMedia({ colorScheme: dark ? "dark" : "light", reducedMotion: "reduce" });
  await page.evaluate(`{ stage.world.settings.language = "${language}"; stage.world.changed("settings"); }`);
  await page.waitForFunction((tag) => document.documentElement.lang === tag, language === "zh" ? "zh-CN" : "en");
  await settle(page);
  // It is still the place that was gone to.
  expect(await shape()).toEqual(before);
}
