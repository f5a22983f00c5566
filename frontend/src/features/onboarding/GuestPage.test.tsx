// @vitest-environment jsdom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { EXPIRED_LINK, EXPIRING_LINK } from "../../runtime/fake/guests";
import { openRoom } from "../../testing/room";
import { GuestPage } from "./GuestPage";

afterEach(cleanup);

const SENTENCES = { zh: "这个链接已过期，请向邀请人要一个新的。", en: "This link has expired. Ask who invited you for a new one." } as const;

it.each(["zh", "en"] as const)("says of a link that it has expired, before and when it is used (%s)", async (language) => {
  await openRoom("away", () => <GuestPage link={EXPIRED_LINK} onBack={() => undefined} />, language);
  await screen.findByText(SENTENCES[language]);
  const enter = () => screen.getByRole<HTMLButtonElement>("button", { name: /^(继续|Continue)$/ });
  expect(enter().disabled).toBe(true);
  fireEvent.change(screen.getByPlaceholderText("roundtable://guest/…"), { target: { value: EXPIRING_LINK } });
  await screen.findByRole("heading", { name: "图纸会审" });
  expect(screen.queryByText(SENTENCES[language])).toBeNull();
  fireEvent.click(enter());
  await screen.findByText(SENTENCES[language]);
  expect(screen.queryByText(/同事|colleague/)).toBeNull();
});
