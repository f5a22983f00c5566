import { join, resolve } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, it } from "vitest";
import { PLACES } from "./contractplaces";
import { launch } from "./desk";
import { Stage } from "./stage";

// Pictures of contracts, over the fake. With ALL, every place in every look, for whoever works on them.

const OUT = process.env["SHOTS"] ?? resolve(import.meta.dirname, "../../docs/images");
const ALL = process.env["SHOTS"] !== undefined;

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

const LOOKS = [{ language: "zh", dark: false, width: 1280, height: 800 }, { language: "en", dark: true, width: 1280, height: 800 }, { language: "en", dark: false, width: 640, height: 400 }] as const;

for (const shot of PLACES.filter(({ kept, name }) => (ALL ? name.includes(process.env["ONLY"] ?? "") : kept))) {
  it(`takes a picture: ${shot.name}`, async () => {
    for (const look of ALL ? LOOKS.slice(0, Number(process.env["HOW_MANY"] ?? 3)) : LOOKS.slice(0, 1)) {
      const page = await stage.show(shot.scene ?? "contracts", look);
      await shot.go(page);
      await page.screenshot({ path: join(OUT, `${shot.name}-${look.language}-${look.dark ? "dark" : "light"}-${look.width}x${look.height}.png`) });
      await page.close();
    }
  });
}
