import { ConversationKind } from "../../api/gen/roundtable/v1/chat_pb";
import { JoinState, Role, type PeopleService } from "../../api/gen/roundtable/v1/people_pb";
import { SettingsService } from "../../api/gen/roundtable/v1/settings_pb";
import { KeyProtection, Phase, type SystemService } from "../../api/gen/roundtable/v1/system_pb";
import { seedWorkspace } from "./scenes";
import type { Methods } from "./service";
import { checkName, ME, refuse, type World } from "./world";

export function systemService(world: World): Methods<typeof SystemService> {
  return {
    status: () => world.status,
    setUp({ name, deviceName, protection, passphrase }) {
      if (world.status.phase !== Phase.NEW) refuse("already_set_up");
      if (protection === KeyProtection.PASSPHRASE && [...passphrase].length < 8) refuse("passphrase_too_short", { min: "8" });
      Object.assign(world.status, { name: checkName(name), protection, phase: Phase.READY });
      world.settings.deviceName = deviceName;
      world.passphrase = passphrase;
      world.changed("system", "settings");
      return { status: world.status };
    },
    unlock({ passphrase }) {
      if (passphrase !== world.passphrase) refuse("passphrase_wrong");
      world.status.phase = Phase.READY;
      world.changed("system");
      return { status: world.status };
    },
    repair() {
      if (world.status.phase !== Phase.DAMAGED) refuse("not_damaged");
      world.status.phase = Phase.READY;
      world.changed("*");
      return { status: world.status };
    },
    connections: () => ({ connections: world.connections, problems: world.problems, addresses: world.addresses }),
    openInBrowser: () => ({}),
  };
}

export function settingsService(world: World): Methods<typeof SettingsService> {
  return {
    get: () => world.settings,
    set(request) {
      if (request.deviceName !== undefined) checkName(request.deviceName);
      for (const field of SettingsService.method.set.input.fields) {
        const key = field.localName as "language";
        const value = request[key];
        if (value !== undefined) world.settings[key] = value;
      }
      world.changed("settings");
      return world.settings;
    },
  };
}

export function peopleService(world: World): Methods<typeof PeopleService> {
  const member = (ws: string, person: string) => world.members.get(ws)?.find((candidate) => candidate.personId === person) ?? refuse("not_found");
  const administer = (ws: string) => world.workspace(ws).canAdminister || refuse("forbidden");
  const lastOwner = (ws: string, person: string) => {
    const owners = world.members.get(ws)!.filter((candidate) => candidate.role === Role.OWNER);
    if (owners.length === 1 && owners[0]!.personId === person) refuse("last_owner");
  };
  const leave = (ws: string) => {
    Object.assign(world.workspace(ws), { active: false, canInvite: false, canAdminister: false });
    for (const conversation of world.conversations.values()) if (conversation.workspaceID === ws) conversation.value.canWrite = false;
    world.changed("people", "chat");
  };
  const attempt = (init: Partial<typeof world.join>) => {
    Object.assign(world.join, { digits: "", errorCode: "" }, init);
    world.changed("join");
    return world.join;
  };
  const arrive = () => {
    const name = world.join.workspaceName;
    attempt({ state: JoinState.FETCHING });
    world.later(900, () => {
      const workspace = world.addWorkspace(name, Role.MEMBER);
      seedWorkspace(world, workspace.id, 40);
      attempt({ state: JoinState.DONE, workspaceId: workspace.id });
      world.changed("people", "chat", "connections");
    });
  };
  return {
    createWorkspace({ name }) {
      const workspace = world.addWorkspace(checkName(name), Role.OWNER);
      world.changed("people", "chat");
      return workspace;
    },
    workspaces: () => ({ workspaces: world.workspaces }),
    renameWorkspace({ workspaceId, name }) {
      administer(workspaceId);
      const workspace = world.workspace(workspaceId);
      workspace.name = checkName(name);
      world.changed("people");
      return workspace;
    },
    leaveWorkspace({ workspaceId }) {
      lastOwner(workspaceId, ME);
      leave(workspaceId);
      return {};
    },
    nearby: () => ({ workspaces: world.nearby }),
    visit({ address }) {
      if (!/^[0-9.:[\]a-f]+$/i.test(address.trim())) refuse("address_invalid");
      return { workspaces: world.nearby };
    },
    askToJoin({ workspaceId, deviceId }) {
      const found = world.nearby.find((candidate) => candidate.workspaceId === workspaceId) ?? refuse("host_unreachable");
      const host = found.hosts.find((candidate) => candidate.deviceId === deviceId) ?? refuse("host_unreachable");
      attempt({ state: JoinState.CONNECTING, workspaceName: found.name, personName: host.personName });
      world.later(700, () => world.join.state === JoinState.CONNECTING && attempt({ state: JoinState.COMPARING, digits: "408217" }));
      return world.join;
    },
    previewInvite({ link }) {
      if (!link.includes("roundtable")) refuse("invite_garbled");
      if (link.includes("old")) refuse("invite_expired");
      if (link.includes("circle/")) return { workspaceName: "展厅项目协作", inviterName: "顾明", expiresUnixMs: BigInt(Date.now() + 6 * 86_400_000), relayHosts: ["relay.linjiang.example:47820"], circle: true };
      return { workspaceName: "青禾建筑设计事务所", inviterName: "李卓然", expiresUnixMs: BigInt(Date.now() + 6 * 86_400_000), relayHosts: link.includes("relay") ? ["relay.qinghe.example:47820"] : [] };
    },
    joinByInvite({ link }) {
      if (link.includes("used")) refuse("invite_used_up");
      attempt({ state: JoinState.CONNECTING, workspaceName: "青禾建筑设计事务所", personName: "李卓然" });
      world.later(700, arrive);
      return world.join;
    },
    currentJoin: () => world.join,
    cancelJoin() {
      attempt({ state: JoinState.NONE });
      return {};
    },
    requests: () => ({ requests: world.requests }),
    answerRequest({ id, admit, role }) {
      const request = world.requests.find((candidate) => candidate.id === id) ?? refuse("not_found");
      world.requests = world.requests.filter((candidate) => candidate !== request);
      if (admit) {
        const device = { deviceId: world.id("dev"), fingerprint: "90AB 12CD 34EF 5678 9ABC DEF0" };
        const person = world.addMember(request.workspaceId, { personId: world.id("per"), name: request.name, role, devices: [device], joinedUnixMs: BigInt(Date.now()) });
        world.link(request.workspaceId, person.personId, 0);
      }
      world.changed("requests", "people", "chat", "connections");
      return {};
    },
    createInvite({ workspaceId, role, expiresSeconds, maxUses }) {
      if (!world.workspace(workspaceId).canInvite) refuse("forbidden");
      const invite = {
        $typeName: "roundtable.v1.Invite" as const, id: world.id("inv"), role, maxUses: maxUses || 1, uses: 0, revoked: false, createdBy: world.status.name,
        relayHosts: world.relays.hosts(workspaceId),
        link: "roundtable://join/1.aHR0cHM6Ly9leGFtcGxlLmNvbS9yb3VuZHRhYmxlL2ludml0ZS9zZWNyZXQ.7Yk2mQv0cXr4uJ9sWb1nTz",
        expiresUnixMs: BigInt(Date.now()) + (expiresSeconds || 604800n) * 1000n,
      };
      world.invites.set(workspaceId, [invite, ...(world.invites.get(workspaceId) ?? [])]);
      world.changed("invites");
      return invite;
    },
    invites: ({ workspaceId }) => ({ invites: world.invites.get(workspaceId) ?? [] }),
    revokeInvite({ workspaceId, inviteId }) {
      const invite = world.invites.get(workspaceId)?.find((candidate) => candidate.id === inviteId) ?? refuse("not_found");
      invite.revoked = true;
      world.changed("invites");
      return {};
    },
    members: ({ workspaceId }) => ({ members: world.members.get(workspaceId) ?? [] }),
    setProfile({ workspaceId, name, title, department, phone, email }) {
      const me = member(workspaceId, ME);
      if (name !== undefined) me.name = checkName(name);
      Object.assign(me, Object.fromEntries(Object.entries({ title, department, phone, email }).filter(([, value]) => value !== undefined)));
      world.changed("people");
      return me;
    },
    setRole({ workspaceId, personId, role }) {
      administer(workspaceId);
      if (role !== Role.OWNER) lastOwner(workspaceId, personId);
      const found = member(workspaceId, personId);
      found.role = role;
      world.changed("people");
      return found;
    },
    removeMember({ workspaceId, personId }) {
      administer(workspaceId);
      lastOwner(workspaceId, personId);
      const left = world.members.get(workspaceId)!.filter((candidate) => candidate.personId !== personId);
      world.members.set(workspaceId, left);
      world.workspace(workspaceId).memberCount = left.length;
      world.connections = world.connections.filter((connection) => connection.personId !== personId);
      for (const { value, workspaceID } of world.conversations.values()) {
        if (workspaceID !== workspaceId || value.kind === ConversationKind.DIRECT) continue;
        value.memberIds = value.memberIds.filter((id) => id !== personId);
        value.memberCount = value.memberIds.length;
      }
      world.changed("people", "chat", "connections");
      return {};
    },
  };
}
