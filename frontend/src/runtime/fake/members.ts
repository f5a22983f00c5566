import type { MessageInitShape } from "@bufbuild/protobuf";
import type { FoundMemberSchema, MemberService } from "../../api/gen/roundtable/v1/members_pb";
import { Role, type Member } from "../../api/gen/roundtable/v1/people_pb";
import { matchAny } from "../../lib/match";
import type { Methods } from "./service";
import { refuse, type World } from "./world";

/** Finds members of the world by name, pinyin, department and title. */
export function memberService(world: World): Methods<typeof MemberService> {
  const members = (ws: string) => [...(world.members.get(ws) ?? [])].sort((a, b) => a.name.localeCompare(b.name, "zh-CN"));
  const out = ({ personId, name, title, department, role, isMe }: Member): MessageInitShape<typeof FoundMemberSchema> => ({ personId, name, title, department, role, isMe });
  const inside = (space: string): ReadonlySet<string> | null => (space === "" ? null : new Set(world.conversations.get(space)?.value.memberIds));
  return {
    findMembers({ workspaceId, query, inSpaceId, withoutSpaceId, withoutIds, role, withMe, offset, limit }) {
      const among = inside(inSpaceId);
      const without = new Set([...withoutIds, ...(inside(withoutSpaceId) ?? [])]);
      const shown = members(workspaceId).filter((member) => (withMe || !member.isMe) && (among?.has(member.personId) ?? true) && !without.has(member.personId) &&
        (role === Role.UNSPECIFIED || member.role === role) && matchAny([member.name, member.department, member.title], query));
      return { members: shown.slice(offset, offset + (limit || 50)).map(out), total: shown.length };
    },
    someMembers: ({ workspaceId, personIds }) => ({ members: personIds.flatMap((id) => members(workspaceId).filter(({ personId }) => personId === id).map(out)) }),
    me: ({ workspaceId }) => members(workspaceId).find(({ isMe }) => isMe) ?? refuse("not_found"),
    mentioned({ workspaceId, inSpaceId, text }) {
      const among = inside(inSpaceId);
      return { members: members(workspaceId).filter(({ personId, name }) => (among?.has(personId) ?? true) && name !== "" && text.includes(`@${name}`)).map(out) };
    },
  };
}
