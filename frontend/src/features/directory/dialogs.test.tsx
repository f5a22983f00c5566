// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { Card, Department } from "../../api";
import type { Language } from "../../i18n";
import { useCard, useTree } from "../../live";
import type { Office } from "../../runtime/fake/office";
import { expectAccessible } from "../../testing/axe";
import { openRoom } from "../../testing/room";
import { BindDialog } from "./BindDialog";
import { ChangesDialog } from "./ChangesDialog";
import { CodesDialog } from "./CodesDialog";
import { DelegatesDialog } from "./DelegatesDialog";
import { DepartmentDialog } from "./DepartmentDialog";
import { ImportDialog } from "./ImportDialog";
import { PersonCard } from "./PersonCard";
import { RecordDialog } from "./RecordDialog";

const office = () => (globalThis as unknown as { stage: { office: Office } }).stage.office;
const dialog = () => screen.findByRole("dialog");
const press = (name: string | RegExp) => fireEvent.click(screen.getByRole("button", { name }));
const type = (name: string | RegExp, value: string) => fireEvent.change(screen.getByRole("textbox", { name }), { target: { value } });
const closed = vi.fn();

afterEach(() => {
  cleanup();
  closed.mockReset();
  vi.restoreAllMocks();
});

/** Shows a part with one department, or one card, as the office has it now. */
function With({ ws, unit, card, part }: { ws: string; unit?: string; card?: string; part: (got: { department: Department; card: Card }) => React.ReactNode }) {
  const tree = useTree(ws, unit ?? "u1").data;
  const person = useCard(ws, card ?? "rec_r1").data;
  const department = tree?.path.at(-1);
  return department && person ? part({ department, card: person }) : null;
}

const open = (scene: string, part: (got: { ws: string; department: Department; card: Card }) => React.ReactNode, { language = "en", ...which }: { language?: Language; unit?: string; card?: string } = {}) =>
  openRoom(scene, (ws) => <With ws={ws} {...which} part={(got) => part({ ws, ...got })} />, language);

const csv = (text: string) => Object.assign(new File([text], "people.csv", { type: "text/csv" }), { arrayBuffer: () => Promise.resolve(new TextEncoder().encode(text).buffer) });

async function choose(text: string, label: string) {
  fireEvent.change(await screen.findByLabelText(label), { target: { files: [csv(text)] } });
}

test("an import is looked at row by row, says why rows are rejected, is applied, and taken back", async () => {
  const codes = vi.fn();
  await open("office", ({ ws }) => <ImportDialog ws={ws} department={undefined} delegated={false} onClose={closed} onCodes={codes} />);
  await choose("工号,姓名,手机\n1002,王敏,138\n,没有工号,\n1002,重复,\n3001,孙悦,139", "Choose a file");
  await screen.findByRole("region", { name: "What the columns mean" });
  await expectAccessible("columns");
  press("Preview");
  const rows = await screen.findByRole("list", { name: "Preview" });
  await within(rows).findByText("The employee number is missing");
  within(rows).getByText("The number stands in row 2 already");
  within(rows).getByText("138");
  await expectAccessible("preview");
  fireEvent.click(screen.getByRole("radio", { name: "Rejected 2" }));
  await waitFor(() => expect(within(screen.getByRole("list", { name: "Preview" })).getAllByRole("listitem")).toHaveLength(2));
  press("Apply");
  await screen.findByText(/Imported: 1 added, 1 changed/);
  expect(office().cards.map(({ name }) => name)).toContain("孙悦");
});

test("a file that cannot be read, and columns that lack a number, are said", async () => {
  await open("office", ({ ws }) => <ImportDialog ws={ws} department={undefined} delegated={false} onClose={closed} onCodes={closed} />, { language: "zh" });
  await choose("\u0000\u0001", "选择文件");
  await screen.findByRole("alert");
  await choose("姓名,手机\n王敏,1", "选择文件");
  await screen.findByRole("region", { name: "各列的含义" });
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "预览" }).disabled).toBe(true);
  await expectAccessible("导入");
});

test("a delegate is told what may be imported, and why a row may not", async () => {
  await open("office-delegate", ({ ws, department }) => <ImportDialog ws={ws} department={department} delegated onClose={closed} onCodes={closed} />, { language: "zh" });
  await screen.findByText(/你可以导入自己管理的部门/);
  await choose("工号,姓名,部门\n1,甲,研发部\n2,乙,销售部", "选择文件");
  await screen.findByRole("combobox", { name: "文件里的部门从哪一级写起" });
  press("预览");
  await screen.findByText("不是你管理的部门：研发部");
  await expectAccessible("delegate's import");
});

test("the last import is taken back from the dialog", async () => {
  await open("office", ({ ws }) => {
    office().last ??= { batchId: "b", before: [...office().cards], count: 3, undone: false };
    return <ImportDialog ws={ws} department={undefined} delegated={false} onClose={closed} onCodes={closed} />;
  });
  await screen.findByText(/Last import: 李卓然/);
  press("Undo it");
  await screen.findByText("3 restored; 0 were changed since and stay.");
});

test("a record is written with fields that not everybody sees, and the card says so", async () => {
  const view = await open("office", ({ ws, card }) => <RecordDialog ws={ws} card={card} canHide onClose={closed} onMade={closed} />);
  await dialog();
  type("Phones (several with commas)", "138, 139");
  fireEvent.click(screen.getByRole("combobox", { name: "Who sees: Phones" }));
  const option = await screen.findByRole("option", { name: /Leads and administrators/ });
  option.focus();
  fireEvent.keyDown(option, { key: "Enter" });
  await screen.findByText(/Leads are those marked as lead/);
  await expectAccessible("record");
  fireEvent.submit(view.baseElement.querySelector("form")!);
  await waitFor(() => expect(closed).toHaveBeenCalled());
  expect(office().cards[0]).toMatchObject({ phones: [], hidden: [{ field: "phones", level: "leads", values: ["138", "139"] }] });
});

test("what a card hides is said to who sees it and to who does not", async () => {
  await openRoom("office", (ws) => {
    office().cards[0]!.hidden = [{ field: "phones", level: "leads", values: ["138"], open: true }, { field: "email", level: "administrators", open: false }, { field: "note", level: "leads", open: false }];
    return <With ws={ws} part={({ card }) => <PersonCard ws={ws} card={card} onClose={closed} onPerson={closed} />} />;
  }, "zh");
  const card = await screen.findByRole("region", { name: "个人资料" });
  within(card).getByRole("link", { name: "138" });
  expect(within(card).getAllByText("不公开")).toHaveLength(2);
  expect(within(card).getAllByText("仅负责人和管理员可见")).toHaveLength(2);
  within(card).getByText("仅管理员可见");
  await expectAccessible("card");
});

test("a name that is missing and a number that is taken are said in the dialog, and nothing is closed", async () => {
  const view = await open("office", ({ ws, card }) => <RecordDialog ws={ws} card={card} canHide onClose={closed} onMade={closed} />);
  await dialog();
  type("Number", "2001");
  fireEvent.submit(view.baseElement.querySelector("form")!);
  await screen.findByText("Somebody else has this employee number.");
  type("Name", " ");
  fireEvent.submit(view.baseElement.querySelector("form")!);
  await waitFor(() => expect(screen.queryByText("Somebody else has this employee number.")).toBeNull());
  await screen.findByRole("alert");
  expect(closed).not.toHaveBeenCalled();
});

test("a department is not put below itself, and Escape closes", async () => {
  const view = await open("office", ({ ws, department }) => <DepartmentDialog ws={ws} department={department} onClose={closed} />);
  await dialog();
  await screen.findByRole("button", { name: /^研发部/ });
  expect(screen.queryByRole("button", { name: /^华东大区/ })).toBeNull();
  await expectAccessible("department");
  fireEvent.click(screen.getByRole("button", { name: /^研发部/ }));
  office().units[2]!.parentId = "u2"; // somebody else moved it meanwhile
  fireEvent.submit(view.baseElement.querySelector("form")!);
  await screen.findByRole("alert");
  expect(closed).not.toHaveBeenCalled();
  fireEvent.keyDown(document.activeElement ?? document.body, { key: "Escape" });
  await waitFor(() => expect(closed).toHaveBeenCalled());
});

test("administrators of a department come and go", async () => {
  await open("office", ({ ws, department }) => <DelegatesDialog ws={ws} department={department} onClose={closed} />, { language: "zh" });
  await screen.findByText(/还没有/);
  type("添加一位成员", "陈思远");
  fireEvent.click(await screen.findByRole("button", { name: /陈思远/ }));
  await screen.findByRole("button", { name: "不再由 陈思远 管理" });
  await expectAccessible("delegates");
  press("不再由 陈思远 管理");
  await screen.findByText(/还没有/);
});

test("changes are found by who and whom, and say from what to what", async () => {
  await open("office", ({ ws }) => {
    if (office().changes.length === 0) {
      office().says("record", "王敏", [{ field: "phones", before: "138", after: "139" }]);
      office().says("department", "研发部", [{ field: "name", before: "", after: "研发部" }], true);
      office().says("record", "欧阳若兰", [{ field: "email", level: "leads" }]);
    }
    return <ChangesDialog ws={ws} onClose={closed} />;
  });
  await screen.findByText("138");
  screen.getByText("Now: Leads and administrators. The text is not shown here.");
  await expectAccessible("changes");
  type("By who or whom", "nobody");
  await screen.findByText("Nothing was changed yet.");
  type("By who or whom", "王敏");
  expect(screen.queryByText("Nothing was changed yet.")).toBeNull(); // nobody has answered yet
  await screen.findByText("138");
});

test("a record is tied to a member by hand, after a look at what follows", async () => {
  await open("office", ({ ws, card }) => <BindDialog ws={ws} card={card} onClose={closed} />);
  await screen.findByRole("textbox", { name: "Member" });
  type("Member", "陈思远");
  fireEvent.click(await screen.findByRole("button", { name: /陈思远/ }));
  await screen.findByText(/become one card/);
  await expectAccessible("bind");
  await waitFor(() => expect(screen.getByRole<HTMLButtonElement>("button", { name: "It is the same person" }).disabled).toBe(false));
  press("It is the same person");
  await waitFor(() => expect(closed).toHaveBeenCalled());
  expect(office().cards[0]!.personId).toBeTruthy();
});

test("codes for many are printed in parts, and saved as one file", async () => {
  const print = vi.spyOn(window, "print").mockImplementation(() => {});
  const made = vi.fn<(blob: Blob) => string>(() => "blob:x");
  vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: made, revokeObjectURL: () => {} }));
  await open("office", ({ ws }) => {
    while (office().cards.length < 410) office().add(`人${office().cards.length}`, String(office().cards.length + 5000), "u3");
    return <CodesDialog ws={ws} onClose={closed} />;
  });
  fireEvent.click(await screen.findByRole("button", { name: "Make 410 codes" }));
  await screen.findByText(/410 codes were made/);
  expect(within(screen.getByRole("list", { name: "Codes for people who have not joined" })).getAllByRole("listitem")).toHaveLength(50);
  expect(document.querySelectorAll("article")).toHaveLength(0);
  fireEvent.click(screen.getByRole("combobox", { name: "Which part to print" }));
  expect((await screen.findAllByRole("option")).map(({ textContent }) => textContent)).toEqual(["Print 1–400", "Print 401–410"]);
  const rest = screen.getByRole("option", { name: "Print 401–410" });
  rest.focus();
  fireEvent.keyDown(rest, { key: "Enter" });
  await waitFor(() => expect(screen.queryByRole("option")).toBeNull());
  press("Print, 8 to a page");
  await waitFor(() => expect(print).toHaveBeenCalledTimes(1));
  expect(document.querySelectorAll("article")).toHaveLength(10);
  for (const article of document.querySelectorAll("article")) expect(article.querySelector("code")?.textContent).toMatch(/^roundtable:\/\/join\//);
  fireEvent(window, new Event("afterprint"));
  await waitFor(() => expect(document.querySelectorAll("article")).toHaveLength(0));
  press("Save as CSV (mail merge)");
  await screen.findByText(/Saved as codes.csv/);
  expect(made).toHaveBeenCalledTimes(1);
});
