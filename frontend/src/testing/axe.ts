import axe from "axe-core";
import { expect } from "vitest";

/** No serious or critical finding in what stands in the document. Colours and sizes are not known here: browsers look at those. */
export async function expectAccessible(where: string): Promise<void> {
  const { violations } = await axe.run(document.body, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], rules: { "color-contrast": { enabled: false }, "target-size": { enabled: false } } });
  expect(violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id, nodes }) => `${where}: ${id} at ${nodes.map(({ target }) => target.join(" ")).join(", ")}`)).toEqual([]);
}
