// @vitest-environment jsdom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import type { Folder } from "../../api";
import { useFolders } from "../../live";
import { openRoom } from "../../testing/room";
import { Files } from "./Files";
import { useEntryDeeds } from "./useEntryDeeds";

afterEach(cleanup);

vi.stubGlobal("ResizeObserver", class {
  observe() {}
  unobserve() {}
  disconnect() {}
});

function Inside({ ws, folder }: { ws: string; folder: Folder }) {
  const deeds = useEntryDeeds(folder, () => {});
  return <Files ws={ws} folder={folder} path="" entry={null} onEntry={() => {}} onOpen={() => {}} deeds={deeds} />;
}

function Shared({ ws }: { ws: string }) {
  const folder = useFolders(ws).data?.find(({ name }) => name.startsWith("采购 2026"));
  return folder ? <Inside ws={ws} folder={folder} /> : null;
}

it("says that nothing matches once the answer to this very text is there", async () => {
  await openRoom("", (ws) => <Shared ws={ws} />);
  const filter = await screen.findByRole("textbox");
  const seen: string[] = [];
  new MutationObserver(() => seen.push(document.body.textContent)).observe(document.body, { childList: true, subtree: true, characterData: true });
  fireEvent.change(filter, { target: { value: "zzzz" } });
  await screen.findByText("Nothing matches “zzzz”");
  // It lies in another folder of these.
  fireEvent.change(filter, { target: { value: "IMG_1210" } });
  await screen.findByText("1 found");
  expect(seen.some((text) => text.includes("“zzzz”"))).toBe(true);
  expect(seen.filter((text) => text.includes("“IMG_1210”"))).toEqual([]);
});
