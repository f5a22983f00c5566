import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page, Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { expectAccessible } from "./axe";
import { createWorkspace, joinByInvite, makeInvite, openConversation, sees, setUp } from "./deeds";
import { Desk, launch } from "./desk";
import { bomb, film, gzipped, noise, pdf, png, rests, tone, watchShifts } from "./files";
import { either, say } from "./words";

// Files between two real processes, from one screen to the other.

const COMPANY = `文件往来 ${Math.random().toString(36).slice(2, 8)}`;
const EVERYONE = either("messages.everyone");
const LARGE = 5 * 1024 * 1024 + 321;

let browser: Browser;
const desks: Desk[] = [];
let li: Desk;
let wang: Desk;
/** Files that are chosen by their place: their time stays the same. */
let folder: string;

function tellOnFailure(): void {
  onTestFailed(() => {
    for (const desk of desks) console.error(`--- ${desk.name}\n${desk.tail()}`);
  });
}

const sum = (data: Buffer) => createHash("sha256").update(data).digest("hex");

async function choose(page: Page, ...files: readonly { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> {
  await page.locator("input[data-files]").setInputFiles([...files]);
}

async function send(page: Page, text: string): Promise<void> {
  const field = page.getByRole("textbox", { name: either("composer.label") });
  await field.fill(text);
  await page.getByRole("button", { name: either("action.send"), exact: true }).click();
  await page.getByRole("list", { name: either("attach.pending") }).waitFor({ state: "detached" });
}

async function save(page: Page, name: string): Promise<Buffer> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: either("attach.download", { name }) }).click(),
  ]);
  expect(download.suggestedFilename()).toBe(name);
  return readFile(await download.path());
}

beforeAll(async () => {
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "roundtable-files-"));
  li = await Desk.open(browser, "li", { language: "zh" });
  desks.push(li);
  await setUp(li, "李卓然");
  await createWorkspace(li, COMPANY);
  const link = await makeInvite(li, 5);
  wang = await Desk.open(browser, "wang", { language: "en" });
  desks.push(wang);
  await setUp(wang, "王敏");
  await joinByInvite(wang, link, COMPANY);
  await openConversation(li, EVERYONE);
  await openConversation(wang, EVERYONE);
});
afterAll(async () => {
  for (const desk of desks) await desk.close();
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

describe("attachments", () => {
  const picture = png(640, 360);
  const large = noise(LARGE);

  it("shows a picture to the other side, by itself and without a jump", async () => {
    tellOnFailure();
    await choose(li.page, { name: "现场.png", mimeType: "image/png", buffer: picture });
    await li.page.getByRole("list", { name: either("attach.pending") }).getByText("现场.png").waitFor();
    await expectAccessible(li.page, "a file beside the composer");
    await send(li.page, "看现场");
    await sees(wang, "看现场");
    const shown = wang.page.getByRole("img", { name: "现场.png" });
    await shown.waitFor();
    await expect.poll(() => shown.evaluate((element: HTMLImageElement) => [element.complete, element.naturalWidth, element.naturalHeight])).toEqual([true, 640, 360]);
    const size = await shown.boundingBox();
    expect(Math.abs(size!.width / size!.height - 640 / 360)).toBeLessThan(0.05);
    await wang.page.getByRole("button", { name: say("en", "attach.openPicture", { name: "现场.png" }) }).click();
    expect(sum(await save(wang.page, "现场.png"))).toBe(sum(picture));
    await expectAccessible(wang.page, "picture");
    await wang.page.keyboard.press("Escape");
    await wang.page.getByRole("dialog").waitFor({ state: "detached" });
  });

  it("hands over a file of 5 MB, identical to the byte", async () => {
    tellOnFailure();
    await choose(li.page, { name: "图纸 (终稿).dwg", mimeType: "", buffer: large });
    await send(li.page, "");
    expect(sum(await save(li.page, "图纸 (终稿).dwg"))).toBe(sum(large));
    await wang.page.getByRole("button", { name: say("en", "attach.fetch", { name: "图纸 (终稿).dwg" }) }).click();
    const ready = wang.page.getByRole("link", { name: say("en", "attach.download", { name: "图纸 (终稿).dwg" }) });
    await ready.waitFor();
    expect(sum(await save(wang.page, "图纸 (终稿).dwg"))).toBe(sum(large));
    const part = await wang.page.evaluate(async (path) => {
      const answer = await fetch(path, { headers: { Range: "bytes=1048570-1048589" } });
      return { status: answer.status, bytes: [...new Uint8Array(await answer.arrayBuffer())], kind: answer.headers.get("Content-Type"), policy: answer.headers.get("Content-Security-Policy") };
    }, (await ready.getAttribute("href"))!);
    expect(part.status).toBe(206);
    expect(Buffer.from(part.bytes)).toEqual(large.subarray(1048570, 1048590));
    expect(part.kind).toBe("application/octet-stream");
    expect(part.policy).toContain("sandbox");
  });

  it("runs nothing of what others send", async () => {
    tellOnFailure();
    const script = "<script>document.title='owned'</script>";
    await choose(wang.page, { name: "page.html", mimeType: "text/html", buffer: Buffer.from(script) },
      { name: "drawing.svg", mimeType: "image/svg+xml", buffer: Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${script}</svg>`) },
      { name: "liar.png", mimeType: "image/png", buffer: Buffer.from(script) });
    await send(wang.page, "三个可疑文件");
    await sees(li, "三个可疑文件");
    for (const name of ["page.html", "drawing.svg", "liar.png"]) {
      await li.page.getByRole("button", { name: say("zh", "attach.fetch", { name }) }).click();
      const link = li.page.getByRole("link", { name: say("zh", "attach.download", { name }) });
      await link.waitFor();
      const answer = await li.page.evaluate(async (path) => {
        const given = await fetch(path.replace("?download", ""));
        return [given.headers.get("Content-Type"), given.headers.get("Content-Disposition")?.split(";")[0], given.headers.get("X-Content-Type-Options")];
      }, (await link.getAttribute("href"))!);
      expect(answer, name).toEqual(["application/octet-stream", "attachment", "nosniff"]);
    }
    expect(await li.page.title()).not.toContain("owned");
  });

  it("answers what is wrong, hides nothing and loses nothing", async () => {
    tellOnFailure();
    const pending = li.page.getByRole("list", { name: either("attach.pending") });
    // Fifty megabytes are no message: they go along as a file, and the field stays empty.
    const field = li.page.getByRole("textbox", { name: either("composer.label") });
    await field.focus();
    await li.page.evaluate(() => {
      const data = new DataTransfer();
      data.setData("text/plain", "圆桌会议 ".repeat(3_300_000));
      document.activeElement!.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    });
    await pending.getByText("43 MB", { exact: true }).waitFor();
    await expect.poll(() => field.inputValue()).toBe("");
    await pending.getByRole("button", { name: /Pasted text|粘贴的文字/ }).last().click();
    // Names that would lead elsewhere, or say something else than they are.
    await choose(li.page, { name: "CON", mimeType: "", buffer: noise(10) }, { name: "photo\u202Egnp.exe", mimeType: "", buffer: noise(11) },
      { name: `${"长".repeat(300)}.docx`, mimeType: "", buffer: gzipped("PK", 20 << 20) }, { name: "drawing.svgz", mimeType: "image/svg+xml", buffer: gzipped("<svg>", 20 << 20) },
      { name: "dot.png", mimeType: "image/png", buffer: png(1, 1) }, { name: "long.png", mimeType: "image/png", buffer: png(30_000, 1) },
      { name: "bomb.png", mimeType: "image/png", buffer: bomb(50_000, 50_000) });
    await pending.getByText("photo_gnp.exe", { exact: true }).waitFor();
    await expect.poll(() => pending.getByText(either("attach.renamed")).count()).toBe(2);
    await send(li.page, "奇怪的文件");
    for (const desk of [li, wang]) {
      await sees(desk, "奇怪的文件");
      for (const name of ["CON", "photo_gnp.exe", `${"长".repeat(83)}.docx`, "drawing.svgz", "bomb.png"]) await desk.page.getByText(name, { exact: true }).waitFor();
    }
    for (const [name, width, height] of [["dot.png", 48, 48], ["long.png", 320, 48]] as const) {
      const shown = wang.page.getByRole("img", { name });
      await shown.waitFor();
      const size = (await shown.boundingBox())!;
      expect(Math.abs(size.width - width) + Math.abs(size.height - height), name).toBeLessThan(8);
    }
    await wang.page.getByRole("button", { name: say("en", "attach.fetch", { name: "bomb.png" }) }).click();
    await wang.page.getByRole("article").filter({ hasText: "bomb.png" }).getByText(say("en", "attach.noPicture")).waitFor();
    expect(sum(await save(wang.page, "bomb.png"))).toBe(sum(bomb(50_000, 50_000)));
  });

  it("moves nothing when a picture comes that was asked for", async () => {
    tellOnFailure();
    const large = png(900, 800, true);
    await choose(li.page, { name: "高清.png", mimeType: "image/png", buffer: large });
    await send(li.page, "高清的");
    await choose(li.page, { name: "z.txt", mimeType: "text/plain", buffer: Buffer.from("z") });
    await send(li.page, "下面这条不动");
    await sees(wang, "下面这条不动");
    const below = wang.page.getByRole("log").getByText("下面这条不动");
    const before = await rests(below); // the list has come to its end
    const shifts = await watchShifts(wang.page, either("attach.list"));
    await wang.page.getByRole("button", { name: say("en", "attach.fetch", { name: "高清.png" }) }).click();
    const shown = wang.page.getByRole("img", { name: "高清.png" });
    await shown.waitFor();
    await expect.poll(() => shown.evaluate((element: HTMLImageElement) => element.complete && element.naturalWidth)).toBe(900);
    expect(await below.boundingBox()).toEqual(before);
    expect(await shifts()).toBe(0);
  });

  it("takes a file that is dropped, and one that is removed again is not sent", async () => {
    tellOnFailure();
    const drop = async (names: string[]) => {
      const transfer = await li.page.evaluateHandle((all) => {
        const data = new DataTransfer();
        for (const name of all) data.items.add(new File([`inhalt ${name}`], name, { type: "text/plain" }));
        return data;
      }, names);
      await li.page.dispatchEvent("body", "dragenter", { dataTransfer: transfer });
      await li.page.getByText(say("zh", "attach.drop", { name: say("zh", "messages.everyone") })).waitFor();
      await li.page.dispatchEvent("body", "drop", { dataTransfer: transfer });
    };
    await drop(["a.txt", "b.txt"]);
    await li.page.getByRole("button", { name: say("zh", "attach.removeFile", { name: "a.txt" }) }).click();
    await send(li.page, "拖进来的");
    await sees(wang, "拖进来的");
    await wang.page.getByRole("button", { name: say("en", "attach.fetch", { name: "b.txt" }) }).click();
    await wang.page.getByRole("link", { name: say("en", "attach.download", { name: "b.txt" }) }).waitFor();
    expect(String(await save(wang.page, "b.txt"))).toBe("inhalt b.txt");
    expect(await wang.page.getByText("a.txt").count()).toBe(0);
  });

  it("takes a screenshot from the clipboard, with words that are pasted after it", async () => {
    tellOnFailure();
    const { page } = wang;
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const copy = (words: string) => page.evaluate(async ([base64, text]) => {
      const blob = new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], { type: "image/png" });
      await navigator.clipboard.write([new ClipboardItem({ "image/png": blob, ...(text !== "" && { "text/plain": new Blob([text], { type: "text/plain" }) }) })]);
    }, [png(200, 120).toString("base64"), words] as const);
    const field = page.getByRole("textbox", { name: either("composer.label") });
    const pending = page.getByRole("list", { name: say("en", "attach.pending") });
    await copy("");
    await field.press("Control+v");
    // The browser calls every one image.png.
    await pending.getByText(new RegExp(`^${say("en", "attach.screenshot")} \\d{4}-\\d\\d-\\d\\d \\d\\d\\.\\d\\d\\.\\d\\d\\.png$`)).waitFor();
    const size = (image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight];
    await expect.poll(() => pending.locator("img").evaluate(size)).toEqual([200, 120]);
    await expectAccessible(page, "a screenshot beside the composer");
    await page.evaluate(() => navigator.clipboard.writeText("the crack is on the left"));
    await field.press("Control+v");
    await expect.poll(() => field.inputValue()).toBe("the crack is on the left");
    await field.press("Enter");
    await pending.waitFor({ state: "detached" });
    await sees(li, "the crack is on the left");
    const shown = li.page.locator("[data-message]").filter({ hasText: "the crack is on the left" }).getByRole("img", { name: new RegExp(`^${say("en", "attach.screenshot")} `) });
    await shown.waitFor();
    await expect.poll(() => shown.evaluate(size)).toEqual([200, 120]);
    // An office program lays a picture of the words beside them: the words are meant.
    await copy("A1\tB1");
    await field.press("Control+v");
    await expect.poll(() => field.inputValue()).toBe("A1\tB1");
    expect(await pending.count()).toBe(0);
    await field.fill("");
  });

  it("keeps what waits beside the composer over a restart, and says when nobody has a file", async () => {
    tellOnFailure();
    await choose(li.page, { name: "半路.bin", mimeType: "", buffer: large });
    await send(li.page, "等等再取");
    await sees(wang, "等等再取");
    await choose(wang.page, { name: "reply.bin", mimeType: "", buffer: noise(70_000) });
    await wang.page.getByRole("list", { name: say("en", "attach.pending") }).getByText("70 kB", { exact: true }).waitFor(); // all of it
    await li.stop();
    await wang.page.getByRole("button", { name: say("en", "attach.fetch", { name: "半路.bin" }) }).click();
    await wang.page.getByText(either("attach.waiting")).waitFor();
    await wang.stop();
    await wang.start();
    await openConversation(wang, EVERYONE);
    await wang.page.getByRole("list", { name: say("en", "attach.pending") }).getByText("reply.bin").waitFor();
    await send(wang.page, "my answer");
    await li.start();
    await wang.page.getByRole("link", { name: say("en", "attach.download", { name: "半路.bin" }) }).waitFor();
    expect(sum(await save(wang.page, "半路.bin"))).toBe(sum(large));
    await openConversation(li, EVERYONE);
    await sees(li, "my answer");
  });

  it("goes on with an upload that a reload cut, from where it was", async () => {
    tellOnFailure();
    const place = join(folder, "长视频.bin");
    const content = noise(9 * 1024 * 1024);
    await writeFile(place, content);
    // Only the first request comes through: what lies behind it hangs, as on a disk that is slow. It is still held back
    // while the page is left: let go before, it might arrive.
    let asked = 0;
    let slow = true;
    await li.page.route("**/files/uploads/**", (route) => (slow && asked++ > 0 ? undefined : route.continue()));
    await li.page.locator("input[data-files]").setInputFiles(place);
    await expect.poll(() => asked).toBeGreaterThan(1);
    await li.page.reload();
    slow = false;
    await openConversation(li, EVERYONE);
    const rest = li.page.getByRole("list", { name: either("attach.pending") }).getByRole("listitem").filter({ hasText: "长视频.bin" });
    await rest.getByText("已中断", { exact: false }).waitFor();
    await expectAccessible(li.page, "an upload that was cut");
    const uploads: number[] = [];
    li.page.on("request", (request) => {
      const from = /\/files\/uploads\/\w+\/(\d+)$/.exec(request.url())?.[1];
      if (from !== undefined) uploads.push(Number(from));
    });
    await li.page.locator('input[data-again="长视频.bin"]').setInputFiles(place);
    await rest.getByText("9.4 MB", { exact: true }).waitFor();
    expect(uploads).toEqual([8 * 1024 * 1024]);
    await send(li.page, "接着传完的");
    await sees(wang, "接着传完的");
    await wang.page.getByRole("button", { name: say("en", "attach.fetch", { name: "长视频.bin" }) }).click();
    await wang.page.getByRole("link", { name: say("en", "attach.download", { name: "长视频.bin" }) }).waitFor();
    expect(sum(await save(wang.page, "长视频.bin"))).toBe(sum(content));
  });

  it("plays a film and a sound where they stand, and looks at a document and a text, one after the other", async () => {
    tellOnFailure();
    await choose(li.page, { name: "巡场.webm", mimeType: "video/webm", buffer: await film(li.page) }, { name: "口述.wav", mimeType: "audio/wav", buffer: tone() },
      { name: "图纸.pdf", mimeType: "application/pdf", buffer: pdf(3) }, { name: "纪要.txt", mimeType: "text/plain", buffer: Buffer.from("第一项：灯光\n第二项：石材\n") });
    await expect.poll(() => li.page.getByRole("list", { name: either("attach.pending") }).getByRole("listitem").count()).toBe(4);
    await send(li.page, "四样材料");
    await sees(wang, "四样材料");
    const { page } = wang;
    for (const name of ["巡场.webm", "口述.wav", "图纸.pdf", "纪要.txt"]) {
      const fetch = page.getByRole("button", { name: say("en", "attach.fetch", { name }) });
      const here = page.getByRole("link", { name: say("en", "attach.download", { name }) });
      await fetch.or(here).first().waitFor();
      if (await fetch.isVisible()) await fetch.click();
      await here.waitFor();
    }
    for (const player of [page.locator('video[aria-label="巡场.webm"]'), page.locator('audio[aria-label="口述.wav"]')]) {
      await player.evaluate((element: HTMLMediaElement) => Object.assign(element, { muted: true }).play());
      await expect.poll(() => player.evaluate((element: HTMLMediaElement) => element.currentTime)).toBeGreaterThan(0);
    }
    await page.getByRole("button", { name: say("en", "attach.open", { name: "图纸.pdf" }) }).click();
    const viewer = page.getByRole("dialog", { name: "图纸.pdf" });
    await viewer.getByLabel(say("en", "pdf.page_other", { page: 1, count: 3 })).waitFor();
    await expectAccessible(page, "a document in the viewer");
    await viewer.getByRole("button", { name: say("en", "attach.next") }).click();
    const text = page.getByRole("dialog", { name: "纪要.txt" });
    await text.getByText("第二项：石材").waitFor();
    await text.getByRole("button", { name: say("en", "attach.previous") }).click();
    await viewer.waitFor();
    await page.keyboard.press("Escape");
    await viewer.waitFor({ state: "detached" });
  });

  it("pauses what is on its way, goes on with it, and lets go of it", async () => {
    tellOnFailure();
    const { page } = li;
    let held: (() => void)[] | null = [];
    const slow = (route: Route) => (held ? void held.push(() => void route.continue()) : route.continue());
    await page.route("**/files/uploads/**", slow);
    const content = noise(9 * 1024 * 1024);
    await choose(page, { name: "样片.bin", mimeType: "", buffer: content }, { name: "不要了.bin", mimeType: "", buffer: noise(9 * 1024 * 1024) });
    const pending = (name: string) => page.getByRole("list", { name: either("attach.pending") }).getByRole("listitem").filter({ hasText: name });
    await pending("样片.bin").getByRole("button", { name: say("zh", "attach.pauseFile", { name: "样片.bin" }) }).click();
    await pending("样片.bin").getByText("已暂停", { exact: false }).waitFor();
    await pending("不要了.bin").getByRole("button", { name: say("zh", "attach.cancelFile", { name: "不要了.bin" }) }).click();
    await pending("不要了.bin").waitFor({ state: "detached" });
    const wait = held;
    held = null;
    for (const go of wait) go();
    // It rests as long as it is not told to go on.
    await pending("样片.bin").getByText("已暂停", { exact: false }).waitFor();
    await pending("样片.bin").getByRole("button", { name: say("zh", "attach.resumeFile", { name: "样片.bin" }) }).click();
    await pending("样片.bin").getByText("9.4 MB", { exact: true }).waitFor();
    await page.unroute("**/files/uploads/**", slow);
    await send(page, "样片在此");
    await sees(wang, "样片在此");
    await wang.page.getByRole("button", { name: say("en", "attach.fetch", { name: "样片.bin" }) }).click();
    await wang.page.getByRole("link", { name: say("en", "attach.download", { name: "样片.bin" }) }).waitFor();
    expect(sum(await save(wang.page, "样片.bin"))).toBe(sum(content));
  });

  it("left no complaint of the page behind", () => {
    tellOnFailure();
    const complaints = desks.flatMap((desk) => desk.complaints().map((line) => `${desk.name}: ${line}`))
      .filter((line) => !/status of 4\d\d|WebSocket connection|ERR_CONNECTION_REFUSED/.test(line));
    expect(complaints).toEqual([]);
  });
});
