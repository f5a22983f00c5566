// @vitest-environment jsdom
import { create } from "@bufbuild/protobuf";
import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, it, vi } from "vitest";
import { ContractFieldSchema, FieldType, PartyRole, PartySchema, type ContractDraft } from "../../../api";
import { useApi } from "../../../live";
import { openRoom } from "../../../testing/room";
import { Palette } from "./Palette";
import { SendStep } from "./SendStep";
import type { DraftEdit } from "./useDraft";

afterEach(cleanup);

const li = create(PartySchema, { id: 1, step: 1, role: PartyRole.SIGNER, name: "李明", personId: "per_1" });

/** The last step of a draft with nothing left to do, and a way elsewhere. */
function Sending({ draft }: { draft: ContractDraft }) {
  const [here, setHere] = useState(true);
  const edit: DraftEdit = { draft, state: "saved", error: null, change: () => {}, flush: async () => {} };
  return (
    <>
      {here && <SendStep ws={draft.workspaceId} edit={edit} onStep={() => {}} />}
      <button type="button" onClick={() => setHere(false)}>elsewhere</button>
      <output data-testid="place">{useLocation().pathname}</output>
    </>
  );
}

function Made({ ws }: { ws: string }) {
  const api = useApi();
  const { data } = useQuery({
    queryKey: ["made"],
    queryFn: () => api.contracts.createDraft({ workspaceId: ws, uploadId: "", title: "租赁合同", parties: [li], fields: [create(ContractFieldSchema, { id: "f", type: FieldType.SIGNATURE, party: 1 })] }),
  });
  return data ? <Sending draft={data} /> : null;
}

/** Presses send; gives what is told when the contract is there. */
async function send() {
  const room = await openRoom("contracts", (ws) => <Made ws={ws} />);
  const button = await screen.findByRole("button", { name: "Send" });
  const told = vi.spyOn(room.world, "changed");
  fireEvent.click(button);
  return told;
}

const place = () => screen.getByTestId("place").textContent;

it("leads to what was sent", async () => {
  await send();
  await waitFor(() => expect(place()).toMatch(/\/contracts\/spc/));
});

it("lets who goes elsewhere while it is sent stay there", async () => {
  const told = await send();
  fireEvent.click(screen.getByRole("button", { name: "elsewhere" }));
  await waitFor(() => expect(told).toHaveBeenCalled());
  await new Promise((done) => setTimeout(done, 50)); // the answer arrives
  expect(place()).toBe("/");
});

it("takes a drag that is over before anything was drawn for a drag, and a press for a press", async () => {
  HTMLElement.prototype.setPointerCapture = () => {};
  const page = document.createElement("div");
  Object.assign(page.dataset, { page: "2", scale: "2" });
  document.elementsFromPoint = () => [page];
  const [onAdd, onDrop] = [vi.fn(), vi.fn()];
  await openRoom("contracts", () => <Palette parties={[li]} signers={[li]} party={1} fields={[]} ready onParty={() => {}} onAdd={onAdd} onDrop={onDrop} />);
  const tool = await screen.findByRole("button", { name: "Date" });
  const at = (x: number, y: number) => ({ bubbles: true, button: 0, pointerId: 1, clientX: x, clientY: y });
  // Together, as they come to a page that is busy: nothing is drawn between them.
  tool.dispatchEvent(new PointerEvent("pointerdown", at(10, 10)));
  tool.dispatchEvent(new PointerEvent("pointerup", at(300, 200)));
  tool.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  expect(onDrop.mock.calls).toEqual([[FieldType.DATE, 2, { x: 150, y: 100 }]]);
  expect(onAdd).not.toHaveBeenCalled();
  await new Promise((done) => setTimeout(done, 10));
  tool.dispatchEvent(new PointerEvent("pointerdown", at(10, 10)));
  tool.dispatchEvent(new PointerEvent("pointerup", at(12, 11)));
  tool.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  expect(onAdd.mock.calls).toEqual([[FieldType.DATE]]);
  expect(onDrop).toHaveBeenCalledTimes(1);
});
