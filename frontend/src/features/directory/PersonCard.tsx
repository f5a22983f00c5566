import { useMutation } from "@tanstack/react-query";
import { MessageSquare, PenLine, Phone, UserMinus, Video, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Member } from "../../api";
import { useGo } from "../../lib/routes";
import { full } from "../../lib/time";
import { useApi, usePresence, useWorkspace } from "../../live";
import { Avatar, Button, Confirm, ErrorNote, IconButton, Select } from "../../ui";
import { Devices } from "./Devices";
import styles from "./card.module.css";
import { ProfileDialog } from "./ProfileDialog";
import { ROLES, useRoleName, type RoleKey } from "./roles";

export function PersonCard({ ws, member, onClose }: { ws: string; member: Member; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const go = useGo();
  const roleName = useRoleName();
  const presence = usePresence();
  const workspace = useWorkspace(ws);
  const [open, setOpen] = useState<"none" | "remove" | "edit">("none");
  const close = () => setOpen("none");
  const message = useMutation({
    mutationFn: () => api.chat.openDirect({ workspaceId: ws, personId: member.personId }),
    onSuccess: (conversation) => go.conversation(ws, conversation.id),
  });
  const call = useMutation({
    mutationFn: async (video: boolean) => ({ video, conversation: await api.chat.openDirect({ workspaceId: ws, personId: member.personId }) }),
    onSuccess: ({ video, conversation }) => go.newMeeting(ws, { conversation: conversation.id, ...(video && { video }) }, true),
  });
  const setRole = useMutation({
    mutationFn: (key: RoleKey) => api.people.setRole({ workspaceId: ws, personId: member.personId, role: ROLES.find(([name]) => name === key)![1] }),
  });
  const remove = useMutation({
    mutationFn: () => api.people.removeMember({ workspaceId: ws, personId: member.personId }),
    onSuccess: () => {
      close();
      onClose();
    },
  });
  const administers = (workspace?.canAdminister ?? false) && (workspace?.active ?? false);
  const role = ROLES.find(([, candidate]) => candidate === member.role)?.[0] ?? "member";
  const facts = [
    [t("directory.department"), member.department], [t("directory.phone"), member.phone], [t("directory.email"), member.email],
  ].filter(([, value]) => value !== "");

  return (
    <section className={styles.card} aria-label={t("directory.card")}>
      <IconButton label={t("action.close")} className={styles.close} onClick={onClose}><X /></IconButton>
      <Avatar id={member.personId} name={member.name} size="lg" online={presence.people.has(member.personId)} />
      <h2><bdi>{member.name}</bdi></h2>
      {member.title !== "" && <p className={styles.title}><bdi>{member.title}</bdi></p>}
      {member.isMe ? (
        workspace?.active && <Button icon={<PenLine aria-hidden />} onClick={() => setOpen("edit")}>{t("directory.editProfile")}</Button>
      ) : (
        <>
          <Button kind="primary" size="lg" className={styles.big} icon={<MessageSquare aria-hidden />} busy={message.isPending} onClick={() => message.mutate()}>{t("directory.message")}</Button>
          {workspace?.active && (
            <div className={styles.calls}>
              <Button size="lg" icon={<Phone aria-hidden />} disabled={call.isPending} onClick={() => call.mutate(false)}>{t("meetings.call.voice")}</Button>
              <Button size="lg" icon={<Video aria-hidden />} disabled={call.isPending} onClick={() => call.mutate(true)}>{t("meetings.call.video")}</Button>
            </div>
          )}
        </>
      )}
      {(message.error ?? call.error) && <ErrorNote cause={message.error ?? call.error} />}
      <dl className={styles.facts}>
        {facts.map(([label, value]) => <div key={label}><dt>{label}</dt><dd dir="auto">{value}</dd></div>)}
        <div>
          <dt>{t("directory.role")}</dt>
          <dd>
            {administers ? (
              <Select
                label={t("directory.changeRole")} value={role} disabled={setRole.isPending} onChange={(next) => next !== role && setRole.mutate(next)}
                options={ROLES.map(([key]) => ({ value: key, label: t(`role.${key}`), note: t(`role.${key}Note`) }))}
              />
            ) : roleName(member.role)}
          </dd>
        </div>
      </dl>
      {setRole.error && <ErrorNote cause={setRole.error} />}
      <Devices devices={member.devices} isMe={member.isMe} />
      {member.joinedUnixMs > 0n && <p className={styles.quiet}>{t("directory.joined", { date: full(Number(member.joinedUnixMs), i18n.language) })}</p>}
      {administers && !member.isMe && <Button kind="danger" className={styles.big} icon={<UserMinus aria-hidden />} onClick={() => setOpen("remove")}>{t("directory.remove")}</Button>}
      <Confirm
        open={open === "remove"} onClose={close} danger title={t("directory.removeTitle", { name: member.name })} action={t("action.remove")} busy={remove.isPending}
        onConfirm={() => remove.mutate()} error={remove.error ? <ErrorNote cause={remove.error} /> : undefined}
      >
        {t("directory.removeText", { name: member.name })}
      </Confirm>
      {open === "edit" && <ProfileDialog ws={ws} member={member} onClose={close} />}
    </section>
  );
}
