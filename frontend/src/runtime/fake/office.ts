import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CardSchema, DepartmentSchema, DirectoryChangeSchema, DirectoryService, FieldChangeSchema, PlanRowSchema } from "../../api/gen/roundtable/v1/directory_pb";
import { Whom } from "../../api/gen/roundtable/v1/directory_pb";
import type { Methods } from "./service";
import { refuse, type World } from "./world";

type Facts = Omit<MessageInitShape<typeof CardSchema>, "$typeName" | "$unknown">;
type Card = Facts & { recordId: string; name: string; number: string; in: string };
type Unit = { id: string; name: string; parentId: string; delegates: { personId: string; name: string }[] };
type Plan = MessageInitShape<typeof PlanRowSchema>;

/** An office that wrote its people down: departments as a tree, records, delegates, imports of plain CSV. Li, who looks at it, administers it. */
export class Office {
  units: Unit[] = [
    { id: "u1", name: "销售部", parentId: "", delegates: [] }, { id: "u2", name: "华东大区", parentId: "u1", delegates: [] }, { id: "u3", name: "研发部", parentId: "", delegates: [] },
  ];
  cards: Card[] = [];
  changes: MessageInitShape<typeof DirectoryChangeSchema>[] = [];
  files = new Map<string, { bytes: Uint8Array[]; rows: string[][]; plan: Plan[] }>();
  last: { batchId: string; before: Card[]; count: number; undone: boolean } | null = null;
  /** Who looks at it administers departments only. */
  delegated = false;
  made = 0;

  constructor() {
    this.add("王敏", "1002", "u1");
    this.add("欧阳若兰", "2001", "u2");
  }

  add(name: string, number: string, unit: string): Card {
    const id = `r${++this.made}`;
    const card: Card = { key: `rec_${id}`, recordId: id, name, number, in: unit, canChange: true, canHide: true, canSeePrivate: true, phones: [], email: "", place: "", note: "" };
    this.cards.push(card);
    return card;
  }

  says(kind: string, subject: string, fields: MessageInitShape<typeof FieldChangeSchema>[], made = false): void {
    this.changes.unshift({ kind, subject, by: "李卓然", atUnixMs: BigInt(Date.UTC(2026, 0, 5, 9, 30)), fields, made, why: "edit" });
  }

  below(id: string): string[] {
    return [id, ...this.units.filter((unit) => unit.parentId === id).flatMap((unit) => this.below(unit.id))];
  }

  unit(id: string): MessageInitShape<typeof DepartmentSchema> {
    const unit = this.units.find((known) => known.id === id) ?? refuse("not_found");
    const all = this.below(id);
    return {
      ...unit, here: this.cards.filter((card) => card.in === id).length, below: this.cards.filter((card) => all.includes(card.in)).length,
      children: this.units.filter((other) => other.parentId === id).length, canFill: true, canChange: !this.delegated || unit.parentId !== "",
    };
  }

  way(id: string): string[] {
    const unit = this.units.find((known) => known.id === id);
    return unit ? [...this.way(unit.parentId), id] : [];
  }

  card(card: Card): Facts {
    const unit = this.units.find((known) => known.id === card.in);
    return { ...card, posts: unit ? [{ departmentId: unit.id, department: unit.name, path: this.way(unit.id).map((id) => this.unit(id).name!) }] : [] };
  }

  /** Rows of a file as an import would take them. A delegate has the department 销售部. */
  plan(rows: readonly string[][], fields: readonly string[]): Plan[] {
    const cell = (row: string[], field: string) => row[fields.indexOf(field)] ?? "";
    const seen = new Map<string, number>();
    return rows.slice(1).map((row, at) => {
      const plan: Plan = { number: at + 2, name: cell(row, "name"), employeeNumber: cell(row, "number") };
      const reject = (code: string, field: string, value: string): Plan => ({ ...plan, what: "rejected", problems: [{ code, field, value, fatal: true }] });
      const number = plan.employeeNumber!;
      if (number === "") return reject("number_missing", "number", "");
      if (seen.has(number)) return reject("number_twice", "number", String(seen.get(number)));
      seen.set(number, at + 2);
      if (this.delegated && !cell(row, "department").startsWith("销售部")) return reject("department_not_yours", "department", cell(row, "department"));
      const old = this.cards.find((card) => card.number === number);
      if (!old) return { ...plan, what: "added" };
      const phone = cell(row, "phone");
      if (old.phones?.[0] === phone || phone === "") return { ...plan, what: "same" };
      return { ...plan, what: "changed", fields: [{ field: "phones", before: old.phones?.join(", ") ?? "", after: phone }] };
    });
  }
}

/** The calls of the directory over an office. */
export function officeMethods(world: World, office: Office): Partial<Methods<typeof DirectoryService>> {
  const changed = () => world.changed("directory");
  const text = (bytes: readonly Uint8Array[]) => bytes.map((part) => new TextDecoder().decode(part)).join("");
  return {
    tree: ({ parentId }) => ({
      departments: office.units.filter((unit) => unit.parentId === parentId).map(({ id }) => office.unit(id)), path: office.way(parentId).map((id) => office.unit(id)),
      total: office.cards.length, outside: office.cards.length, administers: !office.delegated, fills: true,
    }),
    people({ departmentId, whom, query, offset, limit }) {
      const all = departmentId === "" ? office.units.map(({ id }) => id) : whom === Whom.HERE ? [departmentId] : office.below(departmentId);
      const cards = office.cards.filter((card) => all.includes(card.in) && `${card.name} ${card.number}`.includes(query));
      const members = query === "" ? [] : [...world.members.values()].flat().filter((member) => member.name.includes(query));
      const rows = [...cards.map(({ key, name, number }) => ({ key, name, number })), ...members.map(({ personId, name, department }) => ({ key: personId, personId, name, department }))];
      return { rows: rows.slice(offset, offset + (limit || 200)), total: rows.length };
    },
    person({ key }) {
      const card = office.cards.find((known) => known.key === key || (known.personId !== undefined && known.personId === key));
      if (card) return office.card(card);
      const member = [...world.members.values()].flat().find(({ personId }) => personId === key) ?? refuse("not_found");
      return { key, personId: key, name: member.name, member };
    },
    saveDepartment({ id, name, parentId }) {
      if (id !== "" && parentId !== undefined && office.below(id).includes(parentId)) refuse("department_cycle");
      if (name?.trim() === "") refuse("name_empty");
      const unit = office.units.find((known) => known.id === id) ?? { id: `u${office.units.length + 1}`, name: "", parentId: "", delegates: [] };
      if (!office.units.includes(unit)) office.units.push(unit);
      Object.assign(unit, name !== undefined && { name }, parentId !== undefined && { parentId });
      changed();
      return office.unit(unit.id);
    },
    removeDepartment({ id }) {
      office.units = office.units.filter((unit) => unit.id !== id);
      changed();
      return {};
    },
    saveRecord({ id, name, number, posts, reach, note, hidden }) {
      if (name?.trim() === "") refuse("name_empty");
      if (office.cards.some((card) => card.number === number && number !== "" && card.recordId !== id)) refuse("number_taken");
      const card = office.cards.find((known) => known.recordId === id) ?? office.add("", "", "");
      const veils = new Map(card.hidden?.map((veil) => [veil.field!, veil]));
      for (const veil of hidden) veils.set(veil.field, { field: veil.field, level: veil.level, values: veil.values, open: true });
      Object.assign(card, name !== undefined && { name }, number !== undefined && { number }, note !== undefined && { note }, posts && { in: posts.posts[0]?.departmentId ?? "", place: posts.place }, reach && { phones: reach.phones, email: reach.email });
      card.hidden = [...veils.values()].filter((veil) => veil.level !== "everybody");
      office.says("record", card.name, [{ field: "name", before: "", after: card.name }], id === "");
      changed();
      return office.card(card);
    },
    bindRecord({ id, personId }) {
      const card = office.cards.find((known) => known.recordId === id) ?? refuse("not_found");
      if (office.delegated && office.cards.some((other) => other !== card && other.personId === personId)) refuse("person_taken");
      const member = [...world.members.values()].flat().find((known) => known.personId === personId);
      Object.assign(card, { personId, key: personId === "" ? `rec_${id}` : personId, member });
      changed();
      return office.card(card);
    },
    setDelegate({ departmentId, personId, on }) {
      const unit = office.units.find((known) => known.id === departmentId) ?? refuse("not_found");
      const member = [...world.members.values()].flat().find((known) => known.personId === personId);
      unit.delegates = unit.delegates.filter((other) => other.personId !== personId);
      if (on) unit.delegates.push({ personId, name: member?.name ?? "" });
      changed();
      return {};
    },
    changes: ({ kind, query }) => {
      const found = office.changes.filter((change) => (kind === "" || change.kind === kind) && `${change.by} ${change.subject}`.includes(query));
      return { changes: found, total: found.length };
    },
    inviteRecords: ({ recordIds }) => ({
      codes: recordIds.map((recordId) => {
        const { name, number, email } = office.cards.find((card) => card.recordId === recordId) ?? refuse("not_found");
        return { recordId, name, number, email: email ?? "", link: `roundtable://join/${recordId}`, expiresUnixMs: BigInt(Date.UTC(2030, 0, 1)) };
      }),
    }),
    saveCodes: ({ codes }) => ({ fileName: "codes.csv", content: Uint8Array.from(new TextEncoder().encode(codes.map(({ name }) => name).join("\r\n"))), rows: codes.length }),
    uploadSheet({ importId, part }) {
      const id = importId || `i${office.files.size + 1}`;
      const file = office.files.get(id) ?? { bytes: [], rows: [], plan: [] };
      file.bytes.push(part);
      office.files.set(id, file);
      return { importId: id };
    },
    readSheet({ importId }) {
      const file = office.files.get(importId) ?? refuse("import_gone");
      if (text(file.bytes).includes("\u0000")) refuse("sheet_unreadable");
      file.rows = text(file.bytes).trim().split("\n").map((line) => line.split(","));
      const [heads = [], ...rows] = file.rows;
      const known = new Map([["工号", "number"], ["姓名", "name"], ["部门", "department"], ["手机", "phone"]]);
      return { format: "csv", encoding: "utf-8", separator: ",", heads, fields: heads.map((head) => known.get(head) ?? ""), rows: rows.length, sample: rows.slice(0, 5).map((cells, at) => ({ number: at + 2, cells })) };
    },
    planImport({ importId, fields, only }) {
      const file = office.files.get(importId) ?? refuse("import_gone");
      file.plan = office.plan(file.rows, fields);
      const count = (what: string) => file.plan.filter((row) => row.what === what).length;
      const rows = file.plan.filter((row) => only === "" || row.what === only);
      return { rows, total: rows.length, added: count("added"), changed: count("changed"), same: count("same"), rejected: count("rejected"), missing: 0 };
    },
    applyImport({ importId }) {
      const { plan } = office.files.get(importId) ?? refuse("import_gone");
      office.last = { batchId: importId, before: [...office.cards], count: plan.filter((row) => row.what === "added" || row.what === "changed").length, undone: false };
      for (const row of plan) if (row.what === "added") office.add(row.name!, row.employeeNumber!, "u1");
      office.files.delete(importId);
      changed();
      return { added: plan.filter((row) => row.what === "added").length, changed: plan.filter((row) => row.what === "changed").length };
    },
    lastImport: () => (office.last ? { batchId: office.last.batchId, by: "李卓然", records: office.last.count, undone: office.last.undone, atUnixMs: BigInt(Date.UTC(2026, 0, 5)) } : {}),
    undoImport() {
      const { last } = office;
      if (!last) return refuse("not_found");
      office.cards = last.before;
      last.undone = true;
      changed();
      return { restored: last.count, kept: 0 };
    },
  };
}
