import { useMutation } from "@tanstack/react-query";
import { LogOut, PenLine, UserPlus, Users, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConversationKind, type Conversation } from "../../api";
import { useGo } from "../../lib/routes";
import { useApi, useMembers, usePresence, useWorkspace } from "../../live";
import { Avatar, Button, Confirm, ErrorNote, IconButton, InfoNote, Tag } from "../../ui";
import { CirclePanel } from "./CirclePanel";
import { conversationName } from "./names";
import { AddPeopleDialog, RenameGroupDialog } from "./NewGroupDialog";
import styles from "./panels.module.css";

/** More names than this are better looked at in the directory. */
const MOST = 50;

/** What this conversation is, and who is in it. */
export function Context({ ws, conversation, onClose }: { ws: string; conversation: Conversation; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const go = useGo();
  const [open, setOpen] = useState<"none" | "add" | "rename" | "leave">("none");
  const close = () => setOpen("none");
  const leave = useMutation({ mutationFn: () => api.chat.leaveGroup({ conversationId: conversation.id }), onSuccess: close });
  const workspace = useWorkspace(ws);
  const { kind } = conversation;
  const writable = conversation.canWrite && workspace?.active !== false;
  return (
    <div className={styles.context}>
      <header className={styles.contextHead}>
        <h2>{t("group.details")}</h2>
        <IconButton label={t("action.close")} onClick={onClose}><X /></IconButton>
      </header>
      {kind === ConversationKind.EVERYONE && <InfoNote>{t("group.everyoneNote")}</InfoNote>}
      {kind === ConversationKind.DIRECT ? (
        <>
          <InfoNote>{t("group.directNote")}</InfoNote>
          <Button onClick={() => go.person(ws, conversation.personId)}>{t("group.profile")}</Button>
        </>
      ) : kind === ConversationKind.CIRCLE ? <CirclePanel ws={ws} conversation={conversation} writable={writable} /> : (
        <Members ws={ws} conversation={conversation} />
      )}
      {kind === ConversationKind.GROUP && writable && (
        <div className={styles.deeds}>
          {conversation.canManage && <Button icon={<UserPlus aria-hidden />} onClick={() => setOpen("add")}>{t("group.add")}</Button>}
          {conversation.canManage && <Button icon={<PenLine aria-hidden />} onClick={() => setOpen("rename")}>{t("group.rename")}</Button>}
          <Button kind="danger" icon={<LogOut aria-hidden />} onClick={() => setOpen("leave")}>{t("group.leave")}</Button>
        </div>
      )}
      {kind === ConversationKind.EVERYONE && (
        <div className={styles.deeds}><Button icon={<Users aria-hidden />} onClick={() => go.directory(ws)}>{t("group.allInDirectory")}</Button></div>
      )}
      {open === "add" && <AddPeopleDialog ws={ws} conversation={conversation} onClose={close} />}
      {open === "rename" && <RenameGroupDialog conversation={conversation} onClose={close} />}
      <Confirm
        open={open === "leave"} onClose={close} danger title={t("group.leaveTitle", { name: conversationName(conversation, t) })} action={t("action.leave")} busy={leave.isPending}
        onConfirm={() => leave.mutate()} error={leave.error ? <ErrorNote cause={leave.error} /> : undefined}
      >
        {t("group.leaveText")}
      </Confirm>
    </div>
  );
}

function Members({ ws, conversation }: { ws: string; conversation: Conversation }) {
  const { t } = useTranslation();
  const go = useGo();
  const presence = usePresence();
  const members = useMembers(ws).data ?? [];
  const inside = new Set(conversation.memberIds);
  // Everybody is in EVERYONE; its members are not listed one by one.
  const people = members.filter((member) => conversation.kind === ConversationKind.EVERYONE || inside.has(member.personId))
    .sort((a, b) => Number(presence.people.has(b.personId)) - Number(presence.people.has(a.personId)));
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
      {people.length > MOST && <p className={styles.quiet}>{t("group.moreMembers", { count: people.length - MOST })}</p>}
    </section>
  );
}
