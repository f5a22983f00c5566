import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { expect } from "vitest";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Finding {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly target: readonly unknown[] }[];
}

/**
 * No serious or critical finding on what is shown now. What keeps the focus inside an open menu or dialog is the library's: empty places
 * that take the focus and give it on at once, hidden from readers of the screen on purpose.
 */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  // Through the debugger, since the page's own policy rightly forbids strange scripts.
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(source);
  const findings = (await page.evaluate(`axe.run({ exclude: [["[data-base-ui-focus-guard]"]] }, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"] }).then((result) => result.violations)`)) as Finding[];
  const serious = findings
    .filter((finding) => finding.impact === "serious" || finding.impact === "critical")
    .map((finding) => `${where}: ${finding.id} at ${finding.nodes.map((node) => node.target.join(" ")).join(", ")}`);
  expect(serious).toEqual([]);
}
