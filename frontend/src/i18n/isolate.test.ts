// @vitest-environment jsdom
import i18next from "i18next";
import { expect, it } from "vitest";
import { startI18n } from ".";

it("keeps values that run from right to left to themselves, and leaves others as they are", async () => {
  await startI18n("en");
  const asks = (name: string) => i18next.t("directory.removeTitle", { name });
  expect(asks("عمر حداد")).toBe("Remove \u2068عمر حداد\u2069?");
  expect(asks("<王 & 敏> 👩‍💻")).toBe("Remove <王 & 敏> 👩‍💻?");
  expect(i18next.t("messages.unread", { count: 3 })).toBe("3 unread");
});
