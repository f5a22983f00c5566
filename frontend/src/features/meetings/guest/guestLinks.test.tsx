// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { openRoom } from "../../../testing/room";
import { GuestLinks } from "./GuestLinks";

afterEach(cleanup);

const field = () => document.querySelector<HTMLTextAreaElement>("textarea[readonly]");
const press = (name: string) => fireEvent.click(screen.getByRole("button", { name }));

test("a link that was just made stands there at once, and no older one in its place", async () => {
  await openRoom("", () => <GuestLinks of={{ callId: "cal_1", plannedId: "" }} onClose={() => {}} />);
  fireEvent.click(await screen.findByRole("button", { name: "Make a link for guests" }));
  await waitFor(() => expect(field()).not.toBeNull());
  const first = field()!.value;
  press("Make another");
  const seen: string[] = [];
  new MutationObserver(() => seen.push(field()?.value ?? "")).observe(document.body, { childList: true, subtree: true, attributes: true, characterData: true });
  press("Make a link for guests");
  await waitFor(() => expect(seen.some((link) => link !== "" && link !== first)).toBe(true));
  await waitFor(() => expect(screen.getAllByRole("listitem")).toHaveLength(2));
  expect(seen).not.toContain(first);
});
