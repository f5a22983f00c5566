// @vitest-environment jsdom
import { create } from "@bufbuild/protobuf";
import { cleanup, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { ContractSchema, SealSchema } from "../../../api";
import { openRoom } from "../../../testing/room";
import { SignPanel } from "./SignPanel";
import { useFilling } from "./useFilling";

afterEach(cleanup);

const contract = create(ContractSchema, { id: "spc_1", title: "采购合同" });
const round = create(SealSchema, { id: "s1", name: "公章" });
const oval = create(SealSchema, { id: "s2", name: "合同专用章" });

/** A panel in which seals were chosen for fields. */
function Panel({ ws, seals }: { ws: string; seals: ReadonlyMap<string, typeof round> }) {
  const filling = { ...useFilling(contract), seals };
  return <SignPanel ws={ws} contract={contract} filling={filling} ready onVisit={() => {}} onSigned={() => {}} onDecline={() => {}} />;
}

it("asks for the password of each seal once", async () => {
  await openRoom("contracts", (ws) => <Panel ws={ws} seals={new Map([["a", round], ["b", oval], ["c", round]])} />);
  await screen.findByLabelText("Password of the key of 公章");
  screen.getByLabelText("Password of the key of 合同专用章");
  cleanup();
  await openRoom("contracts", (ws) => <Panel ws={ws} seals={new Map([["a", round], ["c", round]])} />);
  await screen.findByLabelText("Password of the seal's key");
  expect(screen.queryByLabelText(/Password of the key of/)).toBeNull();
});
