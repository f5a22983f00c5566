import { join } from "node:path";
import type { Browser } from "playwright-core";
import { expect, onTestFailed } from "vitest";
import { createWorkspace, joinByInvite, makeInvite, setUp } from "./deeds";
import { Desk, launch } from "./desk";
import { Place } from "./folderdeeds";

/** Three people of one workspace, each with a program, a screen and a disk. */
export class Office {
  private constructor(private readonly browser: Browser, readonly li: Desk, readonly wang: Desk, readonly chen: Desk) {}

  static async open(): Promise<Office> {
    const browser = await launch();
    const company = `青禾建筑 ${Math.random().toString(36).slice(2, 8)}`;
    const sitDown = (name: string, language: "zh" | "en") => Desk.open(browser, name, { language });
    const [li, wang, chen] = await Promise.all([sitDown("li", "zh"), sitDown("wang", "en"), sitDown("chen", "zh")]);
    const office = new Office(browser, li, wang, chen);
    await Promise.all([setUp(li, "李卓然"), setUp(wang, "王敏"), setUp(chen, "陈思远")]);
    await createWorkspace(li, company);
    const link = await makeInvite(li, 5);
    await joinByInvite(wang, link, company);
    await joinByInvite(chen, link, company);
    return office;
  }

  get desks(): readonly Desk[] {
    return [this.li, this.wang, this.chen];
  }

  /** Where Li has a folder that she shares. */
  shares(name: string): Place {
    return this.at(this.li, name);
  }

  /** A folder in the home of somebody. */
  at(desk: Desk, name: string): Place {
    return new Place(join(desk.home, name));
  }

  /** Where a shared folder lies at somebody who takes what is suggested. */
  keeps(desk: Desk, name: string): Place {
    return new Place(join(desk.home, "Roundtable", name));
  }

  tellOnFailure(): void {
    onTestFailed(() => {
      for (const desk of this.desks) console.error(`--- ${desk.name}\n${desk.tail()}`);
    });
  }

  expectNoComplaints(): void {
    const complaints = this.desks.flatMap((desk) => desk.complaints().map((line) => `${desk.name}: ${line}`))
      // What tests provoke on purpose answers with a status of 400, and programs that are stopped do not answer.
      .filter((line) => !/status of 4\d\d|WebSocket connection|ERR_CONNECTION_REFUSED/.test(line));
    expect(complaints).toEqual([]);
  }

  async close(): Promise<void> {
    for (const desk of this.desks) await desk.close();
    await this.browser.close();
  }
}
