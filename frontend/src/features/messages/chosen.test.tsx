// @vitest-environment jsdom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, it } from "vitest";
import { ConversationKind } from "../../api";
import type { World } from "../../runtime/fake/world";
import { openRoom } from "../../testing/room";
import { MessagesPage } from "./MessagesPage";

afterEach(cleanup);
window.matchMedia = (media) => ({ media, matches: false, addEventListener() {}, removeEventListener() {} }) as unknown as MediaQueryList;
window.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};

/** A page whose address goes to what `find` gives once the button is pressed. */
function Going({ ws, world, find }: { ws: string; world: World; find: (world: World) => string }) {
  const [chosen, setChosen] = useState<string>();
  return (
    <>
      <button type="button" onClick={() => setChosen(find(world))}>Go</button>
      <MessagesPage ws={ws} {...(chosen !== undefined && { conversation: chosen })} />
    </>
  );
}

it("opens a conversation that was just made, of which the list has not heard yet", async () => {
  const make = (world: World) => world.addConversation(world.workspaces[0]!.id, { kind: ConversationKind.GROUP, name: "新项目", memberIds: [] }).id;
  await openRoom("office", (ws, world) => <Going ws={ws} world={world} find={make} />);
  await screen.findByText("Choose a conversation");
  fireEvent.click(screen.getByRole("button", { name: "Go" }));
  expect(screen.queryByText("Choose a conversation")).toBeNull();
  await screen.findByRole("heading", { name: "新项目" });
});

it("says so once it is sure that there is none", async () => {
  await openRoom("office", (ws, world) => <Going ws={ws} world={world} find={() => "spc_gone"} />);
  await screen.findByText("Choose a conversation");
  fireEvent.click(screen.getByRole("button", { name: "Go" }));
  expect(screen.queryByText("Choose a conversation")).toBeNull();
  await screen.findByText("Choose a conversation");
});
