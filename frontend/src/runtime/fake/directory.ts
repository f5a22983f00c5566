import type { MessageInitShape } from "@bufbuild/protobuf";
import { Whom, type DepartmentSchema, type DirectoryService, type PersonRowSchema } from "../../api/gen/roundtable/v1/directory_pb";
import type { Member } from "../../api/gen/roundtable/v1/people_pb";
import type { Methods } from "./service";
import { refuse, type World } from "./world";

type Row = MessageInitShape<typeof PersonRowSchema>;
type Department = MessageInitShape<typeof DepartmentSchema>;

/** A directory without records: who is in the workspace, in departments of their own making. Nobody may change it. */
export function directoryService(world: World): Methods<typeof DirectoryService> {
  const members = (ws: string) => [...(world.members.get(ws) ?? [])].sort((a, b) => a.name.localeCompare(b.name, "zh-CN"));
  const row = ({ personId, name, title, department, isMe, role }: Member): Row => ({ key: personId, personId, name, title, department, isMe, role });
  const departments = (ws: string): Department[] => {
    const counts = new Map<string, number>();
    for (const { department } of members(ws)) if (department !== "") counts.set(department, (counts.get(department) ?? 0) + 1);
    return [...counts].sort(([a], [b]) => a.localeCompare(b, "zh-CN")).map(([name, count]) => ({ id: name, name, here: count, below: count, own: true }));
  };
  const forbidden = (): never => refuse("forbidden");
  return {
    tree: ({ workspaceId, parentId }) => ({
      departments: parentId === "" ? departments(workspaceId) : [], path: departments(workspaceId).filter(({ id }) => id === parentId),
      total: members(workspaceId).length, without: members(workspaceId).filter(({ department }) => department === "").length,
    }),
    people({ workspaceId, departmentId, whom, query, offset, limit }) {
      const shown = members(workspaceId).filter((member) => (departmentId === "" || member.department === departmentId) &&
        (whom !== Whom.WITHOUT || member.department === "") && whom !== Whom.OUTSIDE && whom !== Whom.LEFT &&
        (query === "" || `${member.name} ${member.title} ${member.department}`.toLowerCase().includes(query.toLowerCase())));
      return { rows: shown.slice(offset, offset + (limit || 200)).map(row), total: shown.length };
    },
    some: ({ workspaceId, keys }) => ({ rows: keys.flatMap((key) => members(workspaceId).filter(({ personId }) => personId === key).map(row)) }),
    person({ workspaceId, key }) {
      const member = members(workspaceId).find(({ personId }) => personId === key) ?? refuse("not_found");
      return {
        key, personId: key, name: member.name, ownPhone: member.phone, ownEmail: member.email, member,
        posts: [{ title: member.title, department: member.department }],
      };
    },
    setAway: () => ({}),
    lastImport: () => ({}),
    saveDepartment: forbidden, removeDepartment: forbidden, saveRecord: forbidden, bindRecord: forbidden, setDelegate: forbidden, changes: forbidden, inviteRecords: forbidden, saveCodes: forbidden,
    uploadSheet: forbidden, readSheet: forbidden, planImport: forbidden, applyImport: forbidden, undoImport: forbidden, export: forbidden,
  };
}
