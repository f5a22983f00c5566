import { useMutation } from "@tanstack/react-query";
import { CircleCheck, UserMinus, UserPlus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { FolderRole, type Folder, type FolderMember, type FoundMember } from "../../api";
import { useApi, useFolderMembers, useMe, useMemberPicker } from "../../live";
import { Avatar, Button, Dialog, ErrorNote, IconButton, PeoplePicker, Select, Waiting } from "../../ui";
import styles from "./dialogs.module.css";
import { FOLDER_ROLES, keyOf, roleOf, useFolderRoleName, type FolderRoleKey } from "./roles";

const NOBODY: ReadonlyMap<string, FolderRoleKey> = new Map();

/** Who is in the folder and what they may; who manages it lets in, changes and removes. */
export function MembersDialog({ ws, folder, onClose }: { ws: string; folder: Folder; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const { data, error, refetch } = useFolderMembers(folder.id);
  const [adding, setAdding] = useState(false);
  const [picked, setPicked] = useState(NOBODY);
  const manages = folder.role === FolderRole.MANAGE;
  const add = useMutation({
    mutationFn: () => api.folders.setFolderMembers({ folderId: folder.id, members: [...picked].map(([personId, key]) => ({ personId, role: roleOf(key) })) }),
    onSuccess: () => {
      setAdding(false);
      setPicked(NOBODY);
    },
  });
  const back = () => (adding ? setAdding(false) : onClose());
  return (
    <Dialog
      open onClose={onClose} title={t("folders.members.of", { name: folder.name })} description={adding ? t("folders.members.addText") : undefined}
      actions={adding ? (
        <><Button onClick={back}>{t("action.back")}</Button><Button kind="primary" busy={add.isPending} disabled={picked.size === 0} onClick={() => add.mutate()}>{t("action.add")}</Button></>
      ) : (
        <>{manages && <Button icon={<UserPlus aria-hidden />} onClick={() => setAdding(true)}>{t("folders.members.add")}</Button>}<Button kind="primary" onClick={onClose}>{t("action.close")}</Button></>
      )}
    >
      {adding ? (
        <div className={styles.form}>
          <PeopleWithRoles ws={ws} folder={folder.id} without={data?.map((member) => member.personId) ?? []} picked={picked} onPicked={setPicked} />
          {add.error && <ErrorNote cause={add.error} />}
        </div>
      ) : (
        <>
          {error && !data && <ErrorNote cause={error} onRetry={() => void refetch()} />}
          {!data && !error && <Waiting />}
          <ul className={styles.members} aria-label={t("folders.members.title")}>{data?.map((member) => <Row key={member.personId} ws={ws} folder={folder} member={member} manages={manages} />)}</ul>
        </>
      )}
    </Dialog>
  );
}

function Row({ ws, folder, member, manages }: { ws: string; folder: Folder; member: FolderMember; manages: boolean }) {
  const { t } = useTranslation();
  const api = useApi();
  const roleName = useFolderRoleName();
  const isMe = useMe(ws)?.personId === member.personId;
  const set = useMutation({ mutationFn: (key: FolderRoleKey) => api.folders.setFolderMembers({ folderId: folder.id, members: [{ personId: member.personId, role: roleOf(key) }] }) });
  const remove = useMutation({ mutationFn: () => api.folders.removeFolderMember({ folderId: folder.id, personId: member.personId }) });
  const options = useRoleOptions();
  const [asks, setAsks] = useState(false);
  const changes = manages && !member.owner && !isMe;
  return (
    <li className={styles.member}>
      <Avatar id={member.personId} name={member.name} size="sm" />
      <span className={styles.memberName}>
        <bdi>{member.name}</bdi>
        <small>{member.hasEverything ? <><CircleCheck aria-hidden />{t("folders.members.hasAll")}</> : t("folders.members.notAll")}</small>
      </span>
      {changes ? (
        <>
          <Select label={t("folders.members.role", { name: member.name })} value={keyOf(member.role)} disabled={set.isPending} onChange={(key) => set.mutate(key)} options={options} />
          <IconButton label={t("folders.members.remove", { name: member.name })} onClick={() => setAsks(true)}><UserMinus /></IconButton>
        </>
      ) : <small className={styles.roleName}>{member.owner ? t("folders.members.owner") : roleName(member.role)}{isMe && ` · ${t("folders.me")}`}</small>}
      {asks && (
        <div className={styles.asks}>
          <p>{t("folders.members.removeText", { name: member.name })}</p>
          <div><Button onClick={() => setAsks(false)}>{t("action.cancel")}</Button><Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate()}>{t("action.remove")}</Button></div>
        </div>
      )}
      {(set.error ?? remove.error) && <div className={styles.asks}><ErrorNote cause={set.error ?? remove.error} /></div>}
    </li>
  );
}

function useRoleOptions() {
  const { t } = useTranslation();
  return FOLDER_ROLES.map(([key]) => ({ value: key, label: t(`folders.role.${key}`), note: t(`folders.role.${key}Note`) }));
}

/** People, each with what they may. */
export function PeopleWithRoles({ ws, folder, without, picked, onPicked }: {
  ws: string;
  /** Whoever is in it already is not among them; "" while there is none. */
  folder: string;
  without: readonly string[];
  picked: ReadonlyMap<string, FolderRoleKey>;
  onPicked: (picked: ReadonlyMap<string, FolderRoleKey>) => void;
}) {
  const { t } = useTranslation();
  const picker = useMemberPicker(ws, { withoutSpace: folder, without });
  const options = useRoleOptions();
  const end = (member: FoundMember) => (
    <Select
      label={t("folders.members.role", { name: member.name })} value={picked.get(member.personId)!} options={options}
      onChange={(key) => onPicked(new Map(picked).set(member.personId, key))}
    />
  );
  return (
    <PeoplePicker
      {...picker} picked={new Set(picked.keys())} end={end}
      onPicked={(next) => onPicked(new Map([...next].map((person) => [person, picked.get(person) ?? "write"])))}
    />
  );
}
