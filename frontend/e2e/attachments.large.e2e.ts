import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { createWorkspace, joinByInvite, makeInvite, openConversation, setUp } from "./deeds";
import { Desk, launch } from "./desk";
import { either, say } from "./words";

// A file that keeps disks and processors busy: it has the machine to itself.

const COMPANY = `大文件 ${Math.random().toString(36).slice(2, 8)}`;
const EVERYONE = either("messages.everyone");

let browser: Browser;
const desks: Desk[] = [];
let li: Desk;
let wang: Desk;
let chen: Desk;
let folder: string;

beforeAll(async () => {
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "roundtable-files-"));
  let link = "";
  for (const [name, called] of [["li", "李卓然"], ["wang", "王敏"], ["chen", "陈思远"]] as const) {
    const desk = await Desk.open(browser, name, { language: name === "li" ? "zh" : "en" });
    desks.push(desk);
    await setUp(desk, called);
    if (name === "li") {
      await createWorkspace(desk, COMPANY);
      link = await makeInvite(desk, 5);
    } else await joinByInvite(desk, link, COMPANY);
    await openConversation(desk, EVERYONE);
  }
  [li, wang, chen] = desks as [Desk, Desk, Desk];
}, 180_000);
afterAll(async () => {
  for (const desk of desks) await desk.close();
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

describe("a large attachment", () => {
  it("fetches 1 GiB, cut by the end of its author, from whoever else has it", { timeout: 600_000 }, async () => {
    onTestFailed(() => {
      for (const desk of desks) console.error(`--- ${desk.name}\n${desk.tail()}`);
    });
    const place = join(folder, "整机镜像.img");
    const GIB = 1024 ** 3;
    const marks = [0, GIB / 2 + 12_345, GIB - 40];
    const image = await open(place, "w");
    await image.truncate(GIB); // holes: what is sealed of them is noise all the same
    for (const at of marks) await image.write(Buffer.from(`mark ${at}`.padEnd(40)), 0, 40, at);
    await image.close();
    await li.page.locator("input[data-files]").setInputFiles(place);
    await li.page.getByRole("list", { name: either("attach.pending") }).getByText("1.1 GB", { exact: true }).waitFor({ timeout: 300_000 });
    await li.page.getByRole("textbox", { name: either("composer.label") }).fill("一个 GiB");
    await li.page.getByRole("button", { name: either("action.send"), exact: true }).click();
    const wanted = say("en", "attach.fetch", { name: "整机镜像.img" });
    const ready = (desk: Desk) => desk.page.getByRole("link", { name: say("en", "attach.download", { name: "整机镜像.img" }) });
    await chen.page.getByRole("button", { name: wanted }).click({ timeout: 300_000 });
    await ready(chen).waitFor({ timeout: 300_000 });
    await wang.page.getByRole("button", { name: wanted }).click({ timeout: 300_000 });
    await li.stop("SIGKILL");
    await wang.stop("SIGKILL");
    await wang.start();
    await openConversation(wang, EVERYONE);
    await ready(wang).waitFor({ timeout: 300_000 });
    const read = await wang.page.evaluate(async ({ path, all }) => Promise.all(all.map(async (at) => {
      const answer = await fetch(path, { headers: { Range: `bytes=${at}-${at + 39}` } });
      return [answer.headers.get("Content-Range"), await answer.text()];
    })), { path: (await ready(wang).getAttribute("href"))!, all: marks });
    expect(read).toEqual(marks.map((at) => [`bytes ${at}-${at + 39}/${GIB}`, `mark ${at}`.padEnd(40)]));
    await li.start();
  });
});
