import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Card, SaveRecordRequestSchema } from "../../api";

/** Fields of a record that may be hidden, and who sees one. */
export const HIDEABLE = ["phones", "email", "place", "note"] as const;
export const LEVELS = ["everybody", "leads", "administrators"] as const;
export type Hideable = (typeof HIDEABLE)[number];
export type Level = (typeof LEVELS)[number];

export interface PostDraft { readonly departmentId: string; readonly department: string; readonly title: string; readonly lead: boolean }

/** What one types about somebody. */
export interface RecordDraft {
  readonly name: string;
  readonly number: string;
  readonly posts: readonly PostDraft[];
  readonly manager: { readonly id: string; readonly name: string };
  readonly secret: string;
  readonly left: boolean;
  readonly texts: Readonly<Record<Hideable, string>>;
  readonly levels: Readonly<Record<Hideable, Level>>;
}

export const levelOf = (text: string | undefined): Level => LEVELS.find((known) => known === text) ?? "everybody";

const phonesIn = (text: string) => text.split(/[,，;；\n]/).map((phone) => phone.trim()).filter(Boolean);

export function draftOf(card: Card | undefined, posts: readonly PostDraft[]): RecordDraft {
  const veils = new Map(card?.hidden.map((veil) => [veil.field, veil]));
  const text = (field: Hideable, open: string) => {
    const veil = veils.get(field);
    return veil ? veil.values.join(field === "phones" ? ", " : "\n") : open;
  };
  return {
    name: card?.name ?? "", number: card?.number ?? "", posts: card?.posts.filter((post) => post.departmentId !== "") ?? posts,
    manager: { id: card?.managerId ?? "", name: card?.managerName ?? "" }, secret: card?.private ?? "", left: card?.left ?? false,
    texts: { phones: text("phones", card?.phones.join(", ") ?? ""), email: text("email", card?.email ?? ""), place: text("place", card?.place ?? ""), note: text("note", card?.note ?? "") },
    levels: { phones: levelOf(veils.get("phones")?.level), email: levelOf(veils.get("email")?.level), place: levelOf(veils.get("place")?.level), note: levelOf(veils.get("note")?.level) },
  };
}

/** What has to be said so that a record is as it was typed: groups that were not changed are left out, and nothing that is hidden stands in an open one. */
export function changesOf(before: RecordDraft, after: RecordDraft, fresh: boolean): Omit<MessageInitShape<typeof SaveRecordRequestSchema>, "$typeName" | "$unknown" | "workspaceId" | "id" | "personId"> {
  const opened = (field: Hideable) => (after.levels[field] === "everybody" ? after.texts[field] : "");
  const moved = (field: Hideable) => before.levels[field] !== after.levels[field];
  const changed = (field: Hideable) => moved(field) || before.texts[field] !== after.texts[field];
  // A group is said where what everybody reads in it is another text.
  const openly = (field: Hideable) => after.levels[field] === "everybody" && changed(field);
  const places = (posts: readonly PostDraft[]) => JSON.stringify(posts.map(({ departmentId, title, lead }) => [departmentId, title, lead]));
  const hidden = HIDEABLE.filter((field) => (after.levels[field] === "everybody" ? moved(field) : changed(field))).map((field) => ({
    field, level: after.levels[field],
    values: after.levels[field] === "everybody" || after.texts[field].trim() === "" ? [] : field === "phones" ? phonesIn(after.texts.phones) : [after.texts[field]],
  }));
  return {
    ...((fresh || before.name !== after.name) && { name: after.name }), ...(before.number !== after.number && { number: after.number }),
    ...((fresh || places(before.posts) !== places(after.posts) || openly("place") || before.manager.id !== after.manager.id) && {
      posts: { posts: after.posts.map(({ departmentId, title, lead }) => ({ departmentId, title, lead })), managerId: after.manager.id, place: opened("place") },
    }),
    ...((fresh || openly("phones") || openly("email")) && { reach: { phones: phonesIn(opened("phones")), email: opened("email") } }),
    ...(openly("note") && { note: opened("note") }),
    ...(before.left !== after.left && { left: after.left }), ...(before.secret !== after.secret && { private: after.secret }),
    ...(hidden.length > 0 && { hidden }),
  };
}
