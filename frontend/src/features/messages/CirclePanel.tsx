import { useMutation } from "@tanstack/react-query";
import { History, Link2, LogOut, PenLine, Settings2, UserPlus, X } from "lucide-react";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { problemOf, type Circle, type CircleLink, type CirclePerson, type Conversation } from "../../api";
import { full } from "../../lib/time";
import { useApi, useCircle, useMemberPicker, useShowCircle } from "../../live";
import { Avatar, Button, Confirm, Dialog, ErrorNote, ExternalTag, Field, IconButton, InfoNote, PeoplePicker, Tag, useSentence, Waiting } from "../../ui";
import { CircleInvite } from "./CircleInvite";
import styles from "./circles.module.css";
import { GroupSettings } from "./GroupSettings";
import { HistoryDialog, historyWords } from "./HistoryRule";

/** Who is in a circle, from where, and the links by which partners come. */
export function CirclePanel({ ws, conversation, writable }: { ws: string; conversation: Conversation; writable: boolean }) {
  const { t } = useTranslation();
  const api = useApi();
  const show = useShowCircle();
  const { data, error } = useCircle(conversation.id);
  const [open, setOpen] = useState<"none" | "invite" | "add" | "rename" | "rules" | "history" | "leave">("none");
  const [leaving, setLeaving] = useState<CirclePerson | null>(null);
  const close = () => setOpen("none");
  const leave = useMutation({ mutationFn: () => api.circles.leaveCircle({ circleId: conversation.id }), onSuccess: close });
  const remove = useMutation({
    mutationFn: (personId: string) => api.circles.removeFromCircle({ circleId: conversation.id, personId }),
    onSuccess: (circle) => {
      show(circle);
      setLeaving(null);
    },
  });
  if (!data) return error ? <ErrorNote cause={error} /> : <Waiting />;
  return (
    <>
      <InfoNote>{t(conversation.history?.fromJoining ? "circles.noteJoining" : "circles.note")} {t("circles.noCalls")}</InfoNote>
      <section aria-label={t("group.members")}>
        <h3 className={styles.count}>{t("group.members")}<span>{data.people.length}</span></h3>
        <ul className={styles.people}>
          {order(data).map((person) => <Person key={person.personId} person={person} onRemove={writable && person.canRemove ? () => setLeaving(person) : undefined} />)}
        </ul>
      </section>
      {writable && data.canInvite && <Links circle={data} />}
      {writable && (
        <div className={styles.deeds}>
          {data.canInvite && <Button kind="primary" icon={<Link2 aria-hidden />} onClick={() => setOpen("invite")}>{t("circles.invite")}</Button>}
          {data.canInvite && <Button icon={<UserPlus aria-hidden />} onClick={() => setOpen("add")}>{t("circles.addColleagues")}</Button>}
          {data.canManage && <Button icon={<PenLine aria-hidden />} onClick={() => setOpen("rename")}>{t("circles.rename")}</Button>}
          {conversation.isAdmin && <Button icon={<Settings2 aria-hidden />} onClick={() => setOpen("rules")}>{t("circles.rules")}</Button>}
          {conversation.history?.canSet && <Button icon={<History aria-hidden />} onClick={() => setOpen("history")}>{t("history.title")}</Button>}
          <Button kind="danger" icon={<LogOut aria-hidden />} onClick={() => setOpen("leave")}>{t("circles.leave")}</Button>
        </div>
      )}
      {open === "invite" && <CircleInvite conversation={conversation} onClose={close} />}
      {open === "add" && <AddColleagues ws={ws} circle={data} conversation={conversation} onClose={close} />}
      {open === "rules" && <GroupSettings conversation={conversation} onClose={close} />}
      {open === "history" && <HistoryDialog conversation={conversation} onClose={close} />}
      {open === "rename" && <Rename conversation={conversation} onClose={close} />}
      <Confirm
        open={open === "leave"} onClose={close} danger title={t("group.leaveTitle", { name: conversation.name })} action={t("action.leave")} busy={leave.isPending}
        onConfirm={() => leave.mutate()} error={leave.error ? <ErrorNote cause={leave.error} /> : undefined}
      >
        {t("group.leaveText")}
      </Confirm>
      <Confirm
        open={leaving !== null} onClose={() => setLeaving(null)} danger title={t("circles.removeTitle", { name: leaving?.isExternal ? t("notice.external", { name: leaving.name }) : (leaving?.name ?? "") })} action={t("circles.remove")} busy={remove.isPending}
        onConfirm={() => leaving && remove.mutate(leaving.personId)} error={remove.error ? <ErrorNote cause={remove.error} /> : undefined}
      >
        {t("circles.removeText", { name: leaving?.name ?? "" })}
      </Confirm>
    </>
  );
}

/** Externals first: they are what one looks for. */
function order({ people }: Circle): CirclePerson[] {
  return [...people].sort((a, b) => Number(b.isExternal) - Number(a.isExternal) || a.workspaceName.localeCompare(b.workspaceName) || Number(a.joinedUnixMs - b.joinedUnixMs));
}

function Person({ person, onRemove }: { person: CirclePerson; onRemove: (() => void) | undefined }) {
  const { t } = useTranslation();
  const from = person.workspaceName === "" ? t("circles.unsaid") : person.isExternal ? t("circles.says", { workspace: person.workspaceName }) : person.workspaceName;
  return (
    <li className={styles.person}>
      <Avatar id={person.personId} name={person.name} size="xs" />
      <div className={styles.who}>
        <span><bdi>{person.name}</bdi>{person.isMe && <Tag>{t("directory.me")}</Tag>}{person.isExternal && <ExternalTag />}</span>
        <small>{from}</small>
        {person.byRevokedLink && <small>{t("circles.byRevoked")}</small>}
      </div>
      {onRemove && <IconButton label={t("circles.removeWhom", { name: person.name })} onClick={onRemove}><X /></IconButton>}
    </li>
  );
}

function Links({ circle }: { circle: Circle }) {
  const { t } = useTranslation();
  const live = circle.links.filter((link) => link.live);
  if (live.length === 0) return null;
  return (
    <section aria-label={t("circles.links")}>
      <h3 className={styles.count}>{t("circles.links")}<span>{live.length}</span></h3>
      <ul className={styles.links}>{live.map((link) => <LinkRow key={link.id} circle={circle.id} link={link} />)}</ul>
    </section>
  );
}

function LinkRow({ circle, link }: { circle: string; link: CircleLink }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const show = useShowCircle();
  const revoke = useMutation({ mutationFn: () => api.circles.revokeCircleLink({ circleId: circle, linkId: link.id }), onSuccess: show });
  return (
    <li className={styles.link}>
      <div>
        <b>{link.forName === "" ? t("circles.used", { uses: link.uses, max: link.maxUses }) : t("circles.linkFor", { name: link.forName })}</b>
        <p>{t("invites.until", { date: full(Number(link.expiresUnixMs), i18n.language) })}</p>
        {revoke.error && <ErrorNote cause={revoke.error} />}
      </div>
      <Button busy={revoke.isPending} title={t("circles.revokeHint")} onClick={() => revoke.mutate()}>{t("circles.revoke")}</Button>
    </li>
  );
}

function AddColleagues({ ws, circle, conversation, onClose }: { ws: string; circle: Circle; conversation: Conversation; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const show = useShowCircle();
  const picker = useMemberPicker(ws, { withoutSpace: circle.id });
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const add = useMutation({
    mutationFn: () => api.circles.addToCircle({ circleId: circle.id, personIds: [...picked] }),
    onSuccess: (changed) => {
      show(changed);
      onClose();
    },
  });
  return (
    <Dialog
      open onClose={onClose} title={t("group.addTitle", { name: conversation.name })} description={historyWords(conversation, t)}
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" busy={add.isPending} disabled={picked.size === 0} onClick={() => add.mutate()}>{t("action.add")}</Button></>}
    >
      <div className={styles.form}>
        {circle.externalCount > 0 && <InfoNote tone="warn">{t("circles.addSeen", { count: circle.externalCount })}</InfoNote>}
        <PeoplePicker {...picker} picked={picked} onPicked={setPicked} />
        {add.error && <ErrorNote cause={add.error} />}
      </div>
    </Dialog>
  );
}

function Rename({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const sentence = useSentence();
  const [name, setName] = useState(conversation.name);
  const rename = useMutation({ mutationFn: () => api.circles.renameCircle({ circleId: conversation.id, name }), onSuccess: onClose });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!rename.isPending) rename.mutate();
  };
  return (
    <Dialog
      open onClose={onClose} title={t("circles.rename")} size="sm"
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" type="submit" form="rename-circle" busy={rename.isPending}>{t("action.save")}</Button></>}
    >
      <form id="rename-circle" onSubmit={submit}>
        <Field autoFocus label={t("circles.nameLabel")} value={name} onChange={(event) => setName(event.target.value)} error={rename.error ? sentence(problemOf(rename.error)) : undefined} />
      </form>
    </Dialog>
  );
}
