import { useMutation } from "@tanstack/react-query";
import { CalendarOff, MessageSquare, PenLine, Phone, Star, Unlink, UserMinus, Video, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Role, type Card } from "../../api";
import { toggleFavourite, touch, useFavourites } from "../../lib/near";
import { useGo } from "../../lib/routes";
import { full } from "../../lib/time";
import { useApi, usePresence, useWorkspace } from "../../live";
import { Avatar, Button, Confirm, ErrorNote, IconButton, InfoNote, Select } from "../../ui";
import { useAwayWord } from "./away";
import { AwayDialog } from "./AwayDialog";
import styles from "./card.module.css";
import { CardFacts } from "./CardFacts";
import { Devices } from "./Devices";
import { Outside } from "./Outside";
import { ProfileDialog } from "./ProfileDialog";
import { RecordDialog } from "./RecordDialog";
import { ROLES, useRoleName, type RoleKey } from "./roles";

export function PersonCard({ ws, card, onClose, onPerson }: { ws: string; card: Card; onClose: () => void; onPerson: (key: string) => void }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const go = useGo();
  const roleName = useRoleName();
  const awayWord = useAwayWord();
  const presence = usePresence();
  const workspace = useWorkspace(ws);
  const favourite = useFavourites(ws).includes(card.key);
  const [open, setOpen] = useState<"none" | "remove" | "edit" | "record" | "away" | "unbind">("none");
  const close = () => setOpen("none");
  const { member } = card;
  const message = useMutation({
    mutationFn: () => api.chat.openDirect({ workspaceId: ws, personId: card.personId }),
    onSuccess: (conversation) => {
      touch(ws, card.key);
      go.conversation(ws, conversation.id);
    },
  });
  const call = useMutation({
    mutationFn: async (video: boolean) => ({ video, conversation: await api.chat.openDirect({ workspaceId: ws, personId: card.personId }) }),
    onSuccess: ({ video, conversation }) => {
      touch(ws, card.key);
      go.newMeeting(ws, { conversation: conversation.id, ...(video && { video }) }, true);
    },
  });
  const setRole = useMutation({
    mutationFn: (key: RoleKey) => api.people.setRole({ workspaceId: ws, personId: card.personId, role: ROLES.find(([name]) => name === key)![1] }),
  });
  const remove = useMutation({
    mutationFn: () => api.people.removeMember({ workspaceId: ws, personId: card.personId }),
    onSuccess: () => {
      close();
      onClose();
    },
  });
  const unbind = useMutation({
    mutationFn: () => api.directory.bindRecord({ workspaceId: ws, id: card.recordId, personId: "" }),
    onSuccess: () => {
      close();
      onPerson(`rec_${card.recordId}`);
    },
  });
  const active = workspace?.active ?? false;
  const administers = (workspace?.canAdminister ?? false) && active;
  const role = ROLES.find(([, candidate]) => candidate === member?.role)?.[0] ?? "member";

  return (
    <section className={styles.card} aria-label={t("directory.card")}>
      <IconButton label={favourite ? t("directory.unfavourite") : t("directory.favourite")} aria-pressed={favourite} className={styles.star} onClick={() => toggleFavourite(ws, card.key)}><Star /></IconButton>
      <IconButton label={t("action.close")} className={styles.close} onClick={onClose}><X /></IconButton>
      <Avatar id={card.key} name={card.name} size="lg" online={presence.people.has(card.personId)} />
      <h2><bdi>{card.name}</bdi></h2>
      {card.posts.map((post) => post.title !== "" && <p key={`${post.departmentId} ${post.title}`} className={styles.title}><bdi>{post.title}</bdi>{card.posts.length > 1 && <> · <bdi>{post.department}</bdi></>}</p>)}
      {card.ownName !== "" && <p className={styles.title}>{t("directory.ownName", { name: card.ownName })}</p>}
      {card.away && <p className={styles.away}><CalendarOff aria-hidden /><span>{awayWord(card.away)}{card.away.note !== "" && <> · <bdi>{card.away.note}</bdi></>}</span></p>}
      {card.left && <InfoNote tone="warn">{t("directory.leftNote")}</InfoNote>}
      {member?.isMe && active && (
        <div className={styles.calls}>
          <Button icon={<PenLine aria-hidden />} onClick={() => setOpen("edit")}>{t("directory.editProfile")}</Button>
          <Button icon={<CalendarOff aria-hidden />} onClick={() => setOpen("away")}>{t("directory.setAway")}</Button>
        </div>
      )}
      {member && !member.isMe && (
        <>
          <Button kind="primary" size="lg" className={styles.big} icon={<MessageSquare aria-hidden />} busy={message.isPending} onClick={() => message.mutate()}>{t("directory.message")}</Button>
          {active && (
            <div className={styles.calls}>
              <Button size="lg" icon={<Phone aria-hidden />} disabled={call.isPending} onClick={() => call.mutate(false)}>{t("meetings.call.voice")}</Button>
              <Button size="lg" icon={<Video aria-hidden />} disabled={call.isPending} onClick={() => call.mutate(true)}>{t("meetings.call.video")}</Button>
            </div>
          )}
        </>
      )}
      {!member && !card.left && <Outside ws={ws} card={card} />}
      {(message.error ?? call.error) && <ErrorNote cause={message.error ?? call.error} />}
      <CardFacts card={card} onPerson={onPerson}>
        {member && (
          <div>
            <dt>{t("directory.role")}</dt>
            <dd>
              {administers ? (
                <Select
                  label={t("directory.changeRole")} value={role} disabled={setRole.isPending} onChange={(next) => next !== role && setRole.mutate(next)}
                  options={ROLES.map(([key]) => ({ value: key, label: t(`role.${key}`), note: t(`role.${key}Note`) }))}
                />
              ) : roleName(member.role === Role.UNSPECIFIED ? Role.MEMBER : member.role)}
            </dd>
          </div>
        )}
      </CardFacts>
      {setRole.error && <ErrorNote cause={setRole.error} />}
      {card.canChange && <Button className={styles.big} icon={<PenLine aria-hidden />} onClick={() => setOpen("record")}>{card.recordId === "" ? t("directory.makeRecord") : t("directory.editRecord")}</Button>}
      {card.canChange && card.recordId !== "" && card.personId !== "" && <Button className={styles.big} icon={<Unlink aria-hidden />} onClick={() => setOpen("unbind")}>{t("directory.unbind")}</Button>}
      {member && <Devices devices={member.devices} isMe={member.isMe} />}
      {member && member.joinedUnixMs > 0n && <p className={styles.quiet}>{t("directory.joined", { date: full(Number(member.joinedUnixMs), i18n.language) })}</p>}
      {administers && member && !member.isMe && <Button kind="danger" className={styles.big} icon={<UserMinus aria-hidden />} onClick={() => setOpen("remove")}>{t("directory.remove")}</Button>}
      <Confirm
        open={open === "remove"} onClose={close} danger title={t("directory.removeTitle", { name: card.name })} action={t("action.remove")} busy={remove.isPending}
        onConfirm={() => remove.mutate()} error={remove.error ? <ErrorNote cause={remove.error} /> : undefined}
      >
        {t("directory.removeText", { name: card.name })}
      </Confirm>
      <Confirm
        open={open === "unbind"} onClose={close} title={t("directory.unbindTitle", { name: card.name })} action={t("directory.unbind")} busy={unbind.isPending}
        onConfirm={() => unbind.mutate()} error={unbind.error ? <ErrorNote cause={unbind.error} /> : undefined}
      >
        {t("directory.unbindText")}
      </Confirm>
      {open === "edit" && member && <ProfileDialog ws={ws} member={member} onClose={close} />}
      {open === "record" && <RecordDialog ws={ws} card={card} canHide={card.canHide} onClose={close} onMade={onPerson} />}
      {open === "away" && <AwayDialog ws={ws} away={card.away} onClose={close} />}
    </section>
  );
}
