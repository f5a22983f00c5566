import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible } from "./axe";
import { PLACES } from "./contractplaces";
import { launch } from "./desk";
import { settle, Stage, turn } from "./stage";
import { either } from "./words";

// What the screen of contracts promises by itself, over its fake: every place is accessible in both languages and themes, also on a small
// window at 200 %, and a document is read by keyboard.

let browser: Browser;
let stage: Stage;

beforeAll(async () => {
  browser = await launch();
  stage = await Stage.open(browser);
});
afterAll(async () => {
  await stage?.close();
  await browser?.close();
});

describe("contracts", () => {
  for (const { name, scene, go } of PLACES) {
    it(`is accessible: ${name}`, async () => {
      const page = await stage.show(scene ?? "contracts", { language: "zh" });
      await go(page);
      await expectAccessible(page, `${name}, zh, light`);
      await turn(page, "en", true);
      await expectAccessible(page, `${name}, en, dark`);
      // Half the window is what is left at 200 %.
      await page.setViewportSize({ width: 640, height: 400 });
      await settle(page);
      await expectAccessible(page, `${name}, 200 %`);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
      await stage.leave(page);
    });
  }

  it("reads a document by keyboard: pages, ends, sizes", async () => {
    const page = await stage.show("contracts", { language: "en" });
    await PLACES.find(({ name }) => name === "contracts-done")!.go(page);
    const number = page.getByRole("textbox", { name: either("pdf.number") });
    const document = page.getByRole("region", { name: /Document/ });
    await document.focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => number.inputValue()).toBe("2");
    await page.keyboard.press("End");
    await expect.poll(() => number.inputValue()).toBe("3");
    await page.keyboard.press("Home");
    await expect.poll(() => number.inputValue()).toBe("1");
    const percent = () => page.getByRole("toolbar").getByText(/%/).textContent();
    const before = await percent();
    await page.keyboard.press("Control+=");
    await expect.poll(percent).not.toBe(before);
    // The words of the page are there for screen readers and for the clipboard.
    await page.getByText("甲方向乙方采购会议桌椅一批").first().waitFor({ state: "attached" });
    await stage.leave(page);
  });

  it("complains about nothing", () => {
    expect(stage.complaints.filter((line) => !/status of 4\d\d/.test(line))).toEqual([]);
  });
});
