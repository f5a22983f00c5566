// @vitest-environment jsdom
import { cleanup, fireEvent, screen, within } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { ContractBox } from "../../api";
import { useSeals } from "../../live";
import { openRoom } from "../../testing/room";
import { CertificatesPage } from "./certificates/CertificatesPage";
import { ContractList } from "./list/ContractList";
import { setFilter } from "./list/remembered";
import { DraftPage } from "./prepare/DraftPage";
import { RightsDialog } from "./seals/RightsDialog";
import { Consent } from "./sign/Consent";

// Nothing has a size here.
vi.stubGlobal("ResizeObserver", class { observe() {} unobserve() {} disconnect() {} });

afterEach(() => {
  cleanup();
  setFilter({ box: ContractBox.UNSPECIFIED, query: "", tag: "" });
});

const list = () => openRoom("contracts", (ws) => <ContractList ws={ws} chosen={undefined} onNew={() => {}} />);
const rows = async () => within(await screen.findByRole("list", { name: "Contracts" })).findAllByRole("listitem");

it("lists contracts with whom each waits for, and counts what is to do", async () => {
  await list();
  expect((await rows()).length).toBeGreaterThan(5);
  expect((await screen.findByRole("button", { name: /To do/ })).textContent).toMatch(/To do\d/);
  const waiting = (await screen.findByText("会议室装修合同")).closest("a")!;
  expect(waiting.textContent).toMatch(/Waits for .+/);
  expect(waiting.textContent).toContain("1/3");
  const queued = (await screen.findByText("保密协议")).closest("a")!;
  expect(queued.textContent).toContain("You agreed; it is signed when your turn comes");
});

it("shows one box, and finds words in the text with an excerpt", async () => {
  await list();
  await rows();
  fireEvent.click(screen.getByRole("button", { name: /Completed/ }));
  await screen.findByText("场地租赁合同");
  await expect.poll(() => screen.queryByText("保密协议")).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: /^All/ }));
  fireEvent.change(screen.getByRole("searchbox"), { target: { value: "规格与数量" } });
  expect((await screen.findAllByText("page 1")).length).toBeGreaterThan(0);
});

it("says that nothing is found once the answer to this very text is there", async () => {
  await list();
  await rows();
  const seen: string[] = [];
  new MutationObserver(() => seen.push(document.body.textContent)).observe(document.body, { childList: true, subtree: true, characterData: true });
  fireEvent.change(screen.getByRole("searchbox"), { target: { value: "zzzz" } });
  await screen.findByText(/zzzz/);
  fireEvent.change(screen.getByRole("searchbox"), { target: { value: "规格与数量" } });
  await screen.findAllByText("page 1");
  expect(seen.some((text) => /“zzzz”/.test(text))).toBe(true);
  expect(seen.filter((text) => /“规格与数量”/.test(text))).toEqual([]);
});

it("saves a draft by itself and says so only when it is", async () => {
  const { world } = await openRoom("contracts", (ws) => <DraftPage ws={ws} draft="drf_1" />);
  const title = await screen.findByRole("textbox", { name: "Title" });
  fireEvent.change(title, { target: { value: "设备维护合同 2027" } });
  expect(screen.getByText("Saving…")).toBeTruthy();
  await screen.findByText("Saved on this computer");
  expect(world).toBeTruthy();
  // What is left to do leads to the place where it is done.
  fireEvent.click(screen.getByRole("button", { name: /has no place for a signature/ }));
  await screen.findByRole("radiogroup", { name: "Whose" });
});

it("keeps order and steps of parties as they are set", async () => {
  await openRoom("contracts", (ws) => <DraftPage ws={ws} draft="drf_1" />);
  fireEvent.click(within(await screen.findByRole("navigation", { name: "Steps" })).getByRole("button", { name: "Parties" }));
  const names = () => within(screen.getByRole("list", { name: "Parties" })).getAllByRole("listitem").map((item) => item.querySelector("b")!.textContent);
  const before = names();
  fireEvent.click(screen.getByRole("button", { name: new RegExp(`Move .*${before[0]!}.* down`) }));
  expect(names()).toEqual([before[1], before[0], before[2]]);
});

it("says what a signature means before it asks for agreement", async () => {
  await openRoom("contracts", () => <Consent agreed={false} onAgreed={() => {}} />);
  const section = await screen.findByRole("region", { name: "What you agree to" });
  for (const words of [/article 13/, /article 14/, /Article 16/, /labour contracts/, /not a qualified one/, /ESIGN/, /no legal advice/]) expect(section.textContent).toMatch(words);
});

it("shows keys with what each means, and requests to who has the root", async () => {
  await openRoom("contracts", (ws) => <CertificatesPage ws={ws} />);
  await screen.findByText(/The workspace itself vouches for it/);
  fireEvent.click((await screen.findAllByRole("button", { name: "Issue" }))[0]!);
  const dialog = await screen.findByRole("dialog");
  fireEvent.change(within(dialog).getByLabelText("Password of the root key"), { target: { value: "wrong" } });
  fireEvent.click(within(dialog).getByRole("button", { name: "Issue" }));
  expect((await within(dialog).findByRole("alert")).textContent).toContain("not the password");
});

function Rights({ ws }: { ws: string }) {
  const seal = useSeals(ws).data?.seals.find(({ id }) => id === "seal_1");
  return seal ? <RightsDialog ws={ws} seal={seal} onClose={() => {}} /> : null;
}

it("hears every press on the rights to a seal, also while one before is on its way", async () => {
  await openRoom("contracts", (ws) => <Rights ws={ws} />);
  const box = (right: string) => screen.getByRole<HTMLInputElement>("checkbox", { name: `李卓然: ${right}` });
  await screen.findByRole("checkbox", { name: "李卓然: Use" });
  const before = ["Manage", "Use", "See uses"].map((right) => box(right).checked);
  for (const right of ["Manage", "Use", "See uses"]) fireEvent.click(box(right));
  await expect.poll(() => ["Manage", "Use", "See uses"].map((right) => box(right).checked)).toEqual(before.map((is) => !is));
});
