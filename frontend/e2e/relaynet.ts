import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Browser } from "playwright-core";
import { launchWithCameras } from "./cameras";
import { CHROMIUM, Desk, launch, SHELL, type DeskOptions } from "./desk";
import { PATIENCE } from "./patience";

export const RELAY = process.env["ROUNDTABLE_RELAY"] ?? resolve(import.meta.dirname, "../../bin/roundtable-relay");
/** The relay's own address: each desk reaches it over its own cable. */
const SHARED = "10.77.255.1";

export interface RelayNetOptions {
  readonly routed?: boolean;
  /** Browsers have made-up cameras and microphones. */
  readonly cameras?: boolean;
  /** The relay has its STUN and TURN server on: only where desks have cables. */
  readonly turn?: boolean;
}

/**
 * Desks without a common network, and a relay that all of them reach:
 *
 *   desk 0 ── 10.77.0.0/24 ──┐
 *   desk 1 ── 10.77.1.0/24 ──┤ relay 10.77.255.1 (forwards nothing)
 *   desk 2 ── 10.77.2.0/24 ──┘
 *
 * With `routed` the place of the relay forwards between the cables: desks do not find each other, but once they know the address they reach it.
 * Each is a network namespace, which needs root and a kernel that allows it. Elsewhere everything is on loopback and the
 * desks run with --lan off: they do not look for each other, so the relay is the only way all the same.
 */
export class RelayNet {
  private readonly browsers: Browser[] = [];
  private relay: ChildProcess | null = null;
  private readonly log: string[] = [];
  private link = "";

  private constructor(readonly isolated: boolean, private readonly tag: string, private readonly count: number, private readonly folder: string, private readonly how: RelayNetOptions) {}

  static async open(count: number, how: RelayNetOptions = {}): Promise<RelayNet> {
    const folder = await mkdtemp(join(tmpdir(), "roundtable-relaynet-"));
    const tag = `rt${process.pid.toString(36)}`;
    const net = new RelayNet(process.env["ROUNDTABLE_NETNS"] !== "off" && mayMakeNamespaces(tag), tag, count, folder, how);
    if (net.isolated) {
      net.lay();
      await net.settled();
    }
    return net;
  }

  get host(): string {
    return this.isolated ? SHARED : "127.0.0.1";
  }

  /** In a network of its own the usual one; on the machine's own loopback one that a relay in use does not have. */
  get port(): number {
    return this.isolated ? 47820 : 20_000 + (process.pid % 10_000);
  }

  private lay(): void {
    ip("netns", "add", this.space("relay"));
    inside(this.space("relay"), "link", "set", "lo", "up");
    inside(this.space("relay"), "addr", "add", `${SHARED}/32`, "dev", "lo");
    // A new namespace may take over what the machine does.
    ip("netns", "exec", this.space("relay"), "sh", "-c", `echo ${this.how.routed ? 1 : 0} > /proc/sys/net/ipv4/ip_forward`);
    for (let i = 0; i < this.count; i++) {
      const desk = this.space(i);
      ip("netns", "add", desk);
      inside(desk, "link", "set", "lo", "up");
      // An address that is tried out first is a change of the network a second later, at which a browser gives up what it is loading.
      ip("netns", "exec", desk, "sh", "-c", "echo 0 2> /dev/null > /proc/sys/net/ipv6/conf/default/accept_dad || true");
      // Both ends are born where they belong: no name of them ever stands in the machine's own network.
      ip("link", "add", "name", "eth0", "netns", desk, "type", "veth", "peer", "name", `desk${i}`, "netns", this.space("relay"));
      inside(desk, "addr", "add", `10.77.${i}.2/24`, "dev", "eth0");
      inside(this.space("relay"), "addr", "add", `10.77.${i}.1/24`, "dev", `desk${i}`);
      inside(this.space("relay"), "link", "set", `desk${i}`, "up");
      inside(desk, "link", "set", "eth0", "up");
      inside(desk, "route", "add", "default", "via", `10.77.${i}.1`);
    }
  }

  /**
   * Waits until the cables are what they will be: the kernel tells of a link, and gives it its address, up to a second later, and to a
   * browser that has started meanwhile that is a change of the network, at which it gives up what it is loading.
   */
  private async settled(): Promise<void> {
    const isUp = (desk: number) => {
      const [link, addresses] = [["-o", "link"], ["-6", "-o", "addr"]].map((what) => execFileSync("ip", ["-n", this.space(desk), ...what, "show", "dev", "eth0"], { encoding: "utf8" }));
      return link!.includes("state UP") && !addresses!.includes("tentative") && (addresses !== "" || !existsSync("/proc/sys/net/ipv6"));
    };
    const until = Date.now() + 10_000;
    for (let desk = 0; desk < this.count; desk++) {
      while (!isUp(desk) && Date.now() < until) await new Promise((done) => setTimeout(done, 50));
    }
  }

  private space(of: number | "relay"): string {
    return `${this.tag}-${of}`;
  }

  private prefix(of: number | "relay"): string[] {
    return this.isolated ? ["ip", "netns", "exec", this.space(of)] : [];
  }

  /** Whether anything answers a desk at an address within so many ms, be it that nobody listens there. Only where desks have cables. */
  reaches(desk: number, address: string, within = 2_000): boolean {
    const look = `const s = require("net").connect({ host: "${address}", port: ${this.port} });
      s.setTimeout(${within}, () => process.exit(1)).on("connect", () => process.exit(0)).on("error", (e) => process.exit(e.code === "ECONNREFUSED" ? 0 : 1));`;
    const [command, ...words] = [...this.prefix(desk), process.execPath, "-e", look];
    return spawnSync(command!, words, { stdio: "ignore", timeout: within + 20_000 }).status === 0;
  }

  addressOf(desk: number): string {
    return `10.77.${desk}.2`;
  }

  /** Somebody sits down at a desk, or where the relay stands: a program and a browser, both in that place's network. */
  async sitDown(place: number | "relay", name: string, options: DeskOptions = {}): Promise<Desk> {
    const at = await this.browserAt(place);
    const browser = await (this.how.cameras ? launchWithCameras(at) : launch(at));
    this.browsers.push(browser);
    return Desk.open(browser, name, { lan: this.isolated ? "0.0.0.0:0" : "off", ...options, prefix: this.prefix(place) });
  }

  /** The page is on 127.0.0.1 of the desk's namespace, so its browser has to start there. */
  private async browserAt(place: number | "relay"): Promise<string> {
    const browser = this.how.cameras ? CHROMIUM : SHELL;
    if (!this.isolated) return browser;
    const path = join(this.folder, `chromium-${place}`);
    await writeFile(path, `#!/bin/sh\nexec ${this.prefix(place).join(" ")} ${browser} "$@"\n`);
    await chmod(path, 0o755);
    return path;
  }

  /** Pulls the cable of a desk, or puts it back. Only where desks have cables. */
  cable(desk: number, plugged: boolean): void {
    inside(this.space("relay"), "link", "set", `desk${desk}`, plugged ? "up" : "down");
  }

  /** Starts the relay, over the same folder each time, and gives its link, which it tells only the first time. */
  async startRelay(): Promise<string> {
    const address = `${this.host}:${this.port}`;
    const [command, ...words] = [...this.prefix("relay"), RELAY, "serve", "--data", this.stored, "--listen", address, "--public-host", address, "--name", "Relay of the tests", ...this.turning(), "--drain", "1s"];
    const started = spawn(command!, words, { stdio: ["ignore", "pipe", "pipe"] });
    this.relay = started;
    createInterface({ input: started.stdout! }).on("line", (line) => {
      this.link = /^roundtable:\/\/relay\/[\w-]+$/.exec(line)?.[0] ?? this.link;
    });
    await new Promise<void>((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`relay: not ready in time\n${this.tail()}`)), PATIENCE);
      createInterface({ input: started.stderr! }).on("line", (line) => {
        this.log.push(`${line}\n`);
        if (!line.includes(`"msg":"ready"`)) return;
        clearTimeout(timer);
        done();
      });
      started.once("error", fail);
      started.once("exit", (code) => fail(new Error(`relay: ended with ${code}\n${this.tail()}`)));
    });
    const until = Date.now() + PATIENCE;
    while (this.link === "" && Date.now() < until) await new Promise((wake) => setTimeout(wake, 20));
    return this.link;
  }

  private turning(): string[] {
    // Its peers are the relay's own addresses, which are private here.
    return this.how.turn && this.isolated ? ["--turn-listen", `${this.host}:3478`, "--turn-relay", this.host, "--turn-allow-private"] : ["--turn-listen", "off"];
  }

  async stopRelay(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const running = this.relay;
    this.relay = null;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((done) => running.once("exit", done));
    running.kill(signal);
    const timer = setTimeout(() => running.kill("SIGKILL"), 15_000);
    await ended;
    clearTimeout(timer);
  }

  /** What the relay keeps on disk. */
  get stored(): string {
    return join(this.folder, "relay");
  }

  tail(): string {
    return this.log.slice(-30).join("");
  }

  /** All that the relay has logged, for tests of its discretion. */
  get logged(): string {
    return this.log.join("");
  }

  async close(): Promise<void> {
    for (const browser of this.browsers) await browser.close();
    await this.stopRelay();
    if (this.isolated) {
      for (const of of [...Array(this.count).keys(), "relay" as const]) {
        try {
          ip("netns", "del", this.space(of));
        } catch {
          // It was never made.
        }
      }
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

function ip(...words: string[]): void {
  execFileSync("ip", words, { stdio: ["ignore", "ignore", "pipe"], timeout: 60_000 });
}

function inside(space: string, ...words: string[]): void {
  ip("-n", space, ...words);
}

function mayMakeNamespaces(tag: string): boolean {
  try {
    const probe = `${tag}-probe`;
    ip("netns", "add", probe);
    try {
      ip("link", "add", "name", "probe0", "netns", probe, "type", "veth", "peer", "name", "probe1", "netns", probe);
      return true;
    } finally {
      ip("netns", "del", probe);
    }
  } catch {
    return false;
  }
}
