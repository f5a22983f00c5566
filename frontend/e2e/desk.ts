import { execFile, spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { PATIENCE } from "./patience";
import { slowDown } from "./slow";

const BINARY = process.env["ROUNDTABLE_HEADLESS"] ?? resolve(import.meta.dirname, "../../bin/roundtable-headless");
const SEED = resolve(import.meta.dirname, "../../bin/roundtable-devseed");
export const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
/** The same engine without windows, which takes a quarter less of a processor; where it is not installed, the whole browser is used. */
export const SHELL = process.env["CHROMIUM_SHELL"] ?? ["/usr/bin/chromium-headless-shell"].find((path) => existsSync(path)) ?? CHROMIUM;

export interface DeskOptions {
  readonly language?: "zh" | "en";
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  /** Put before the program's command, for a network of its own. */
  readonly prefix?: readonly string[];
  /** Where it listens for colleagues; loopback else. */
  readonly lan?: string;
  /** Its profile has a made-up organisation of these sizes: what roundtable-devseed takes, such as "people=300". */
  readonly seeded?: readonly string[];
}

/** One person's desk: a profile, a real process of the program, and a browser page that looks at it. */
export class Desk {
  page!: Page;
  private process: ChildProcess | null = null;
  private context: BrowserContext | null = null;
  private readonly log: string[] = [];

  private constructor(private readonly browser: Browser, readonly name: string, private readonly place: string, private readonly options: DeskOptions) {}

  static async open(browser: Browser, name: string, options: DeskOptions = {}): Promise<Desk> {
    const desk = new Desk(browser, name, await mkdtemp(join(tmpdir(), `roundtable-${name}-`)), options);
    await mkdir(desk.home);
    if (options.seeded) await promisify(execFile)(SEED, [desk.profile, ...options.seeded]);
    await desk.start();
    return desk;
  }

  get profile(): string {
    return join(this.place, "profile");
  }

  /** The folder of the person on this computer, with nothing in it at first. */
  get home(): string {
    return join(this.place, "home");
  }

  /** Starts the program and opens the address that it prints. */
  async start(): Promise<void> {
    const language = this.options.language ?? "en";
    const lan = this.options.lan ?? "127.0.0.1:0";
    const [command, ...words] = [...(this.options.prefix ?? []), BINARY, "--profile", this.profile, "--listen", "127.0.0.1:0", "--lan", lan, "--language", language];
    const started = spawn(command!, words, {
      stdio: ["ignore", "pipe", "pipe"],
      // Neither keychain nor files of the person who runs the tests.
      env: { ...process.env, HOME: this.home, DBUS_SESSION_BUS_ADDRESS: "" },
    });
    this.process = started;
    started.stderr!.setEncoding("utf8").on("data", (text: string) => this.log.push(text));
    const url = await this.printedAddress(started);
    this.context = await this.browser.newContext({
      locale: language === "zh" ? "zh-CN" : "en-GB",
      viewport: { width: this.options.width ?? 1280, height: this.options.height ?? 800 },
      colorScheme: this.options.dark ? "dark" : "light",
      reducedMotion: "reduce",
    });
    this.page = await this.context.newPage();
    await slowDown(this.page);
    this.page.setDefaultTimeout(PATIENCE);
    this.page.on("pageerror", (error) => this.log.push(`page: ${error.message}`));
    this.page.on("console", (message) => message.type() === "error" && this.log.push(`console: ${message.text()}`));
    await this.page.goto(url); // the first page of a busy machine
  }

  private printedAddress(started: ChildProcess): Promise<string> {
    return new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`${this.name}: no address in time\n${this.tail()}`)), PATIENCE);
      createInterface({ input: started.stdout! }).on("line", (line) => {
        const url = /^open (http:\/\/127\.0\.0\.1:\d+\/#boot=\S+)$/.exec(line)?.[1];
        if (!url) return;
        clearTimeout(timer);
        done(url);
      });
      started.once("error", fail);
      started.once("exit", (code) => fail(new Error(`${this.name}: ended with ${code}\n${this.tail()}`)));
    });
  }

  /** SIGKILL is what a pulled plug does: at once, before the page has gone. */
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    if (signal === "SIGKILL") {
      // What the page says of a program that is no more is no fault.
      for (const of of ["pageerror", "console"] as const) this.page.removeAllListeners(of);
      await this.end(signal);
    }
    await this.context?.close();
    this.context = null;
    await this.end(signal);
  }

  private async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const running = this.process;
    this.process = null;
    if (!running || running.exitCode !== null) return;
    const ended = new Promise((done) => running.once("exit", done));
    running.kill(signal);
    const timer = setTimeout(() => running.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(timer);
  }

  /** Stops and leaves nothing behind. */
  async close(): Promise<void> {
    await this.stop();
    await rm(this.place, { recursive: true, force: true });
  }

  get isRunning(): boolean {
    return this.process !== null;
  }

  tail(): string {
    return this.log.slice(-30).join("");
  }

  /** Errors that the page itself reported. */
  complaints(): string[] {
    return this.log.filter((line) => line.startsWith("page:") || line.startsWith("console:"));
  }
}

/** Playwright's own list gives way to this one. The first draws the browser's own frame for every window, where nobody looks at it. */
export const WITHOUT = [
  "PreloadTopChromeWebUI", "WebUIOmniboxPopup", "PaintHolding", "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "MediaRouter", "OptimizationHints",
  "NetworkTimeServiceQuerying", "DestroyProfileOnBrowserClose", "AvoidUnnecessaryBeforeUnloadCheckSync", "LensOverlay", "AimEnabled", "PreconnectToSearch",
];

/** A browser; `executable` stands for one that looks out of another network. */
export function launch(executable = SHELL): Promise<Browser> {
  return chromium.launch({ executablePath: executable, args: ["--no-sandbox", "--lang=en", `--disable-features=${WITHOUT.join(",")}`] });
}
