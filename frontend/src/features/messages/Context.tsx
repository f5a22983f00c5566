import { LogOut, Pin, Settings2, UserPlus, Users, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConversationKind, type Conversation } from "../../api";
import { useGo } from "../../lib/routes";
import { useConversations, useFoundMembers, usePresence, useSomeMembers, useWorkspace } from "../../live";
import { Avatar, Button, IconButton, InfoNote, Menu, Tag } from "../../ui";
import { ConversationFace } from "./ConversationFace";
import { Said } from "./ConversationList";
import { GroupMembers } from "./GroupMembers";
import { GroupSettings } from "./GroupSettings";
import { LeaveGroup } from "./LeaveGroup";
import { CirclePanel } from "./CirclePanel";
import { conversationName } from "./names";
import { AddPeopleDialog } from "./NewGroupDialog";
import styles from "./panels.module.css";
import { shelfEntries } from "./shelfMenu";
import { useShelf } from "./useShelf";

/** More names than this are better looked at in the directory. */
const MOST = 50;
const EVERYBODY = { withMe: true };

/** What this conversation is, and who is in it. */
export function Context({ ws, conversation, onClose }: { ws: string; conversation: Conversation; onClose: () => void }) {
  const { t } = useTranslation();
  const go = useGo();
  const [open, setOpen] = useState<"none" | "add" | "settings" | "leave">("none");
  const close = () => setOpen("none");
  const workspace = useWorkspace(ws);
  const shelf = useShelf(useConversations(ws).data ?? []);
  const { kind } = conversation;
  const group = kind === ConversationKind.GROUP;
  const writable = conversation.canWrite && workspace?.active !== false;
  const settable = group ? conversation.mayDescribe || conversation.isAdmin : kind === ConversationKind.EVERYONE && conversation.isAdmin;
  return (
    <div className={styles.context}>
      <header className={styles.contextHead}>
        <h2>{t("group.details")}</h2>
        <IconButton label={t("action.close")} onClick={onClose}><X /></IconButton>
      </header>
      {group && (
        <div className={styles.face}>
          <ConversationFace conversation={conversation} name={conversationName(conversation, t)} />
          <div>
            <h3><bdi>{conversation.name}</bdi></h3>
            {conversation.rules?.managersPost && <Tag>{t("shelf.announcement")}</Tag>}
          </div>
        </div>
      )}
      {conversation.topic !== "" && <p className={styles.topic} dir="auto">{conversation.topic}</p>}
      {kind === ConversationKind.EVERYONE && <InfoNote>{t("group.everyoneNote")}</InfoNote>}
      {kind === ConversationKind.DIRECT ? (
        <>
          <InfoNote>{t("group.directNote")}</InfoNote>
          <Button onClick={() => go.person(ws, conversation.personId)}>{t("group.profile")}</Button>
        </>
      ) : kind === ConversationKind.CIRCLE ? <CirclePanel ws={ws} conversation={conversation} writable={writable} />
        : group ? <GroupMembers ws={ws} conversation={conversation} /> : <Everybody ws={ws} conversation={conversation} />}
      <div className={styles.deeds}>
        {group && writable && conversation.canManage && <Button icon={<UserPlus aria-hidden />} onClick={() => setOpen("add")}>{t("group.add")}</Button>}
        {settable && writable && <Button icon={<Settings2 aria-hidden />} onClick={() => setOpen("settings")}>{group ? t("group.settings") : t("group.everyoneSettings")}</Button>}
        <Menu trigger={<Button icon={<Pin aria-hidden />}>{t("shelf.mine")}</Button>} align="start" entries={shelfEntries(conversation, shelf, t)} label={t("shelf.mine")} />
        {group && writable && <Button kind="danger" icon={<LogOut aria-hidden />} onClick={() => setOpen("leave")}>{t("group.leave")}</Button>}
        {kind === ConversationKind.EVERYONE && <Button icon={<Users aria-hidden />} onClick={() => go.directory(ws)}>{t("group.allInDirectory")}</Button>}
      </div>
      <Said shelf={shelf} />
      {open === "add" && <AddPeopleDialog ws={ws} conversation={conversation} onClose={close} />}
      {open === "settings" && <GroupSettings conversation={conversation} onClose={close} />}
      {open === "leave" && <LeaveGroup conversation={conversation} onClose={close} />}
    </div>
  );
}

/** Those in the conversation of everyone, who are online first. */
function Everybody({ ws, conversation }: { ws: string; conversation: Conversation }) {
  const { t } = useTranslation();
  const go = useGo();
  const presence = usePresence();
  const { members } = useFoundMembers(ws, "", EVERYBODY);
  // No more are named than are shown: thousands may be there.
  const there = [...presence.people.values()].filter(({ workspaceIds }) => workspaceIds.includes(ws)).slice(0, MOST).map(({ personId }) => personId);
  const online = [...useSomeMembers(ws, there).values()].filter(({ left }) => !left);
  const people = [...online, ...members.filter(({ personId }) => !presence.people.has(personId))];
  const more = conversation.memberCount - MOST;
  return (
    <section aria-label={t("group.members")}>
      <h3 className={styles.count}>{t("group.members")}<span>{conversation.memberCount}</span></h3>
      <ul>
        {people.slice(0, MOST).map((member) => (
          <li key={member.personId}>
            <button type="button" className={styles.member} onClick={() => go.person(ws, member.personId)}>
              <Avatar id={member.personId} name={member.name} size="xs" online={presence.people.has(member.personId)} />
              <bdi>{member.name}</bdi>
              {member.isMe ? <Tag>{t("directory.me")}</Tag> : <small>{member.department}</small>}
            </button>
          </li>
        ))}
      </ul>
      {more > 0 && <p className={styles.quiet}>{t("group.moreMembers", { count: more })}</p>}
    </section>
  );
}
