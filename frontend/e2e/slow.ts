import type { Page } from "playwright-core";

const RATE = Number(process.env["ROUNDTABLE_SLOW"] ?? 1);

/** With ROUNDTABLE_SLOW=6 in the environment a page has a sixth of a processor: what a story takes for granted on a quick machine is found that way. */
export async function slowDown(page: Page): Promise<void> {
  if (RATE <= 1) return;
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: RATE });
}
