import { useMutation } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Card, Department } from "../../api";
import { useApi } from "../../live";
import { Button, CheckRow, Dialog, ErrorNote, Field, IconButton, InfoNote } from "../../ui";
import styles from "./card.module.css";
import { DepartmentTree } from "./DepartmentTree";
import { ManagerField } from "./ManagerField";

interface PostIn { readonly departmentId: string; readonly department: string; readonly title: string; readonly lead: boolean }

/** What the office says about somebody: a new record, or changes of one. Only groups that were changed are sent. */
export function RecordDialog({ ws, card, department, onClose, onMade }: {
  ws: string; card?: Card; department?: Department | undefined; onClose: () => void; onMade: (key: string) => void;
}) {
  const { t } = useTranslation();
  const api = useApi();
  const [name, setName] = useState(card?.name ?? "");
  const [number, setNumber] = useState(card?.number ?? "");
  const [posts, setPosts] = useState<readonly PostIn[]>(() => card?.posts.filter((post) => post.departmentId !== "") ??
    (department ? [{ departmentId: department.id, department: department.name, title: "", lead: false }] : []));
  const [phones, setPhones] = useState(card?.phones.join(", ") ?? "");
  const [email, setEmail] = useState(card?.email ?? "");
  const [place, setPlace] = useState(card?.place ?? "");
  const [manager, setManager] = useState({ id: card?.managerId ?? "", name: card?.managerName ?? "" });
  const [note, setNote] = useState(card?.note ?? "");
  const [secret, setSecret] = useState(card?.private ?? "");
  const [left, setLeft] = useState(card?.left ?? false);
  const [choosing, setChoosing] = useState<number | null>(null);
  const record = card?.recordId ?? "";
  const fresh = record === "";
  const postsChanged = fresh || JSON.stringify(posts.map(({ departmentId, title, lead }) => [departmentId, title, lead])) !== JSON.stringify(card?.posts.map(({ departmentId, title, lead }) => [departmentId, title, lead]))
    || place !== card?.place || manager.id !== card.managerId;
  const save = useMutation({
    mutationFn: () => api.directory.saveRecord({
      workspaceId: ws, id: record, personId: fresh ? (card?.personId ?? "") : "",
      ...(name !== card?.name || fresh ? { name } : {}), ...(number !== (card?.number ?? "") && { number }),
      ...(postsChanged && { posts: { posts: posts.map(({ departmentId, title, lead }) => ({ departmentId, title, lead })), managerId: manager.id, place } }),
      ...((fresh || phones !== card?.phones.join(", ") || email !== card.email) && { reach: { phones: phones.split(/[,，;；\n]/).map((phone) => phone.trim()).filter(Boolean), email } }),
      ...(note !== (card?.note ?? "") && { note }), ...(left !== (card?.left ?? false) && { left }),
      ...(secret !== (card?.private ?? "") && { private: secret }),
    }),
    onSuccess: (saved) => {
      onClose();
      onMade(saved.key);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!save.isPending) save.mutate();
  };
  const change = (at: number, part: Partial<PostIn>) => setPosts((now) => now.map((post, place_) => (place_ === at ? { ...post, ...part } : post)));
  return (
    <Dialog
      open onClose={onClose} size="lg" title={fresh ? t("directory.addRecord") : t("directory.editRecord")} description={t("directory.recordText")}
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" type="submit" form="record" busy={save.isPending}>{t("action.save")}</Button></>}
    >
      <form id="record" className={styles.form} onSubmit={submit}>
        <div className={styles.pair}>
          <Field label={t("directory.name")} value={name} autoFocus onChange={(event) => setName(event.target.value)} />
          <Field label={t("directory.number")} value={number} onChange={(event) => setNumber(event.target.value)} />
        </div>
        <fieldset className={styles.choose}>
          <legend>{t("directory.posts")}</legend>
          {posts.map((post, at) => (
            <div key={at} className={styles.postRow}>
              <Button title={t("directory.chooseDepartment")} onClick={() => setChoosing(choosing === at ? null : at)}>{post.department === "" ? t("directory.chooseDepartment") : post.department}</Button>
              <Field bare label={t("directory.title")} placeholder={t("directory.title")} value={post.title} onChange={(event) => change(at, { title: event.target.value })} />
              <CheckRow label={t("directory.lead")} checked={post.lead} onChange={(lead) => change(at, { lead })} />
              <IconButton label={t("directory.removePost")} onClick={() => setPosts((now) => now.filter((_, other) => other !== at))}><Trash2 /></IconButton>
              {choosing === at && (
                <div className={styles.span}>
                  <DepartmentTree ws={ws} chosen={post.departmentId} hides={(other) => other.own} onChoose={({ id, name: chosen }) => {
                    change(at, { departmentId: id, department: chosen });
                    setChoosing(null);
                  }} />
                </div>
              )}
            </div>
          ))}
          {posts.length < 8 && <Button kind="quiet" icon={<Plus aria-hidden />} onClick={() => {
            setPosts((now) => [...now, { departmentId: "", department: "", title: "", lead: false }]);
            setChoosing(posts.length);
          }}>{t("directory.addPost")}</Button>}
        </fieldset>
        <div className={styles.pair}>
          <Field label={t("directory.phones")} value={phones} onChange={(event) => setPhones(event.target.value)} />
          <Field label={t("directory.email")} value={email} onChange={(event) => setEmail(event.target.value)} />
        </div>
        <div className={styles.pair}>
          <Field label={t("directory.place")} value={place} onChange={(event) => setPlace(event.target.value)} />
          <ManagerField ws={ws} value={manager} without={record} onChange={setManager} />
        </div>
        <label className={styles.area}><span>{t("directory.note")}</span><textarea rows={2} dir="auto" value={note} onChange={(event) => setNote(event.target.value)} /></label>
        {card?.canSeePrivate !== false && !fresh && (
          <label className={styles.area}><span>{t("directory.private")}</span><textarea rows={2} dir="auto" value={secret} onChange={(event) => setSecret(event.target.value)} /><small>{t("directory.privateText")}</small></label>
        )}
        {!fresh && <CheckRow label={t("directory.hasLeft")} note={t("directory.hasLeftNote")} checked={left} onChange={setLeft} />}
        <InfoNote>{t("directory.everybodyReads")}</InfoNote>
        {save.error && <ErrorNote cause={save.error} />}
      </form>
    </Dialog>
  );
}
