// @vitest-environment jsdom
import { Code, ConnectError } from "@connectrpc/connect";
import { act, cleanup, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import type { Api } from "../../api";
import { useApi } from "../../live";
import { openRoom } from "../../testing/room";
import { useStretch } from "./useStretch";

afterEach(cleanup);

let api: Api;

function Texts({ conversation }: { conversation: string }) {
  api = useApi();
  const { stretch, error } = useStretch(conversation);
  return error ? <p role="alert" /> : <ul>{stretch?.messages.map(({ id, text }) => <li key={id}>{text}</li>)}</ul>;
}

const open = () => openRoom("office", (_, world) => <Texts conversation={[...world.conversations.keys()][0]!} />);

it("shows what came though the network changed while it was asked for", async () => {
  const { world } = await open();
  const [id, { log }] = [...world.conversations][0]!;
  await screen.findByText(log.at(-1)!.text);
  const asked = vi.spyOn(api.chat, "messages").mockRejectedValueOnce(new ConnectError("the network changed", Code.Unavailable));
  await act(async () => {
    log.push({ ...log.at(-1)!, id: "evt_late", cursor: "zz", text: "断网时来的" });
    world.changed(`chat:${id}`);
  });
  await screen.findByText("断网时来的");
  expect(asked.mock.calls.length).toBeGreaterThan(1);
});

it("tells at once what the program refuses", async () => {
  await openRoom("office", () => <Texts conversation="spc_none" />);
  await screen.findByRole("alert");
});
