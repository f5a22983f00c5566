import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Crown, Ellipsis, ShieldCheck, ShieldMinus, ShieldPlus, User, UserMinus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Role, type Conversation, type GroupMember } from "../../api";
import { useGo } from "../../lib/routes";
import { useApi, useGroupMembers, usePresence } from "../../live";
import { Avatar, Confirm, ErrorNote, IconButton, Menu, Tag, type MenuEntry } from "../../ui";
import styles from "./panels.module.css";

/** More names than this are better looked at in the directory. */
const MOST = 200;

type Asked = { deed: "transfer" | "remove"; member: GroupMember } | null;

/** Who is in a group, with roles, and what one may do about it. */
export function GroupMembers({ ws, conversation }: { ws: string; conversation: Conversation }) {
  const { t } = useTranslation();
  const go = useGo();
  const api = useApi();
  const client = useQueryClient();
  const presence = usePresence();
  const { data, error, refetch } = useGroupMembers(conversation.id);
  const [asked, setAsked] = useState<Asked>(null);
  const fresh = () => void client.invalidateQueries({ queryKey: [`chat:${conversation.id}`] });
  const change = useMutation({ mutationFn: (deed: () => Promise<unknown>) => deed(), onSuccess: fresh });
  const decide = useMutation({
    mutationFn: ({ deed, member }: NonNullable<Asked>) => {
      const of = { conversationId: conversation.id, personId: member.personId };
      return deed === "transfer" ? api.conversations.transferGroup(of) : api.conversations.removeFromGroup(of);
    },
    onSuccess() {
      setAsked(null);
      fresh();
    },
  });
  const owns = conversation.myRole === Role.OWNER;
  const entries = (member: GroupMember): MenuEntry[] => {
    const setRole = (role: Role) => change.mutate(() => api.conversations.setGroupRole({ conversationId: conversation.id, personId: member.personId, role }));
    return [
      { key: "profile", label: t("group.openProfile"), icon: <User aria-hidden />, onSelect: () => go.person(ws, member.personId) },
      ...(member.canSetRole && member.role === Role.MEMBER ? [{ key: "admin", label: t("group.makeAdmin"), icon: <ShieldPlus aria-hidden />, onSelect: () => setRole(Role.ADMIN) }] : []),
      ...(member.canSetRole && member.role === Role.ADMIN ? [{ key: "member", label: t("group.makeMember"), icon: <ShieldMinus aria-hidden />, onSelect: () => setRole(Role.MEMBER) }] : []),
      ...(owns && !member.isMe ? [{ key: "transfer", label: t("group.transfer"), icon: <Crown aria-hidden />, onSelect: () => setAsked({ deed: "transfer", member }) }] : []),
      ...(member.canRemove ? [{ key: "remove", label: t("group.removeMember"), icon: <UserMinus aria-hidden />, danger: true, divided: true, onSelect: () => setAsked({ deed: "remove", member }) }] : []),
    ];
  };
  return (
    <section aria-label={t("group.members")}>
      <h3 className={styles.count}>{t("group.members")}<span>{conversation.memberCount}</span></h3>
      {error && !data && <ErrorNote cause={error} onRetry={() => void refetch()} />}
      {change.error && <ErrorNote cause={change.error} />}
      <ul>
        {data?.slice(0, MOST).map((member) => (
          <li key={member.personId} className={styles.memberLine}>
            <button type="button" className={styles.member} onClick={() => go.person(ws, member.personId)}>
              <Avatar id={member.personId} name={member.personName} size="xs" online={presence.people.has(member.personId)} />
              <bdi>{member.personName}</bdi>
              {member.isMe && <Tag>{t("directory.me")}</Tag>}
              <RoleMark role={member.role} />
            </button>
            {!member.isMe && entries(member).length > 1 && (
              <Menu
                trigger={<IconButton label={t("group.memberOptions", { name: member.personName })}><Ellipsis /></IconButton>}
                entries={entries(member)} label={t("group.memberOptions", { name: member.personName })}
              />
            )}
          </li>
        ))}
      </ul>
      {data && data.length > MOST && <p className={styles.quiet}>{t("group.moreMembers", { count: data.length - MOST })}</p>}
      <Confirm
        open={asked !== null} onClose={() => setAsked(null)} danger={asked?.deed === "remove"} busy={decide.isPending}
        title={asked ? t(asked.deed === "transfer" ? "group.transferTitle" : "group.removeTitle", { group: conversation.name, name: asked.member.personName }) : ""}
        action={asked?.deed === "transfer" ? t("group.transferDo") : t("action.remove")}
        onConfirm={() => asked && decide.mutate(asked)} error={decide.error ? <ErrorNote cause={decide.error} /> : undefined}
      >
        {asked?.deed === "transfer" ? t("group.transferText") : t("group.removeText")}
      </Confirm>
    </section>
  );
}

function RoleMark({ role }: { role: Role }) {
  const { t } = useTranslation();
  if (role === Role.OWNER) return <small className={styles.role}><Crown aria-hidden />{t("group.owner")}</small>;
  if (role === Role.ADMIN) return <small className={styles.role}><ShieldCheck aria-hidden />{t("group.admin")}</small>;
  return null;
}
