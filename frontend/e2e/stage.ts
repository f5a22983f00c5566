import { resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";

/** The screen over its fake: no program, no network, only what is drawn. */
export class Stage {
  readonly complaints: string[] = [];

  private constructor(private readonly browser: Browser, private readonly server: ViteDevServer, private readonly url: string) {}

  static async open(browser: Browser): Promise<Stage> {
    const root = resolve(import.meta.dirname, "..");
    const server = await createServer({ root, configFile: resolve(root, "vite.config.ts"), server: { host: "127.0.0.1", port: 0, hmr: false, watch: null }, logLevel: "error" });
    await server.listen();
    const url = server.resolvedUrls!.local[0]!;
    const stage = new Stage(browser, server, url);
    // The first visit makes the server collect its dependencies and reload the page.
    const warm = await browser.newPage();
    await warm.goto(`${url}?fake=new`);
    await warm.getByRole("heading", { level: 1 }).waitFor({ timeout: 60_000 });
    await warm.waitForTimeout(1500);
    await warm.close();
    return stage;
  }

  async show(scene: string, look: { language?: "zh" | "en"; dark?: boolean; width?: number; height?: number } = {}): Promise<Page> {
    const page = await this.browser.newPage({
      viewport: { width: look.width ?? 1280, height: look.height ?? 800 }, locale: look.language === "en" ? "en-GB" : "zh-CN",
      colorScheme: look.dark ? "dark" : "light", reducedMotion: "reduce",
    });
    page.setDefaultTimeout(10_000);
    page.on("pageerror", (error) => this.complaints.push(`${scene}: ${error.message}`));
    page.on("console", (message) => message.type() === "error" && this.complaints.push(`${scene}: ${message.text()}`));
    await page.goto(`${this.url}?fake=${scene}`);
    await page.getByRole("main").waitFor();
    return page;
  }

  async close(): Promise<void> {
    await this.server.close();
  }
}
