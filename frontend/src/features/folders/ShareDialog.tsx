import { useMutation } from "@tanstack/react-query";
import { FolderCheck } from "lucide-react";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { problemOf } from "../../api";
import { useGo } from "../../lib/routes";
import { useApi } from "../../live";
import { Button, Dialog, ErrorNote, Field, InfoNote, useSentence } from "../../ui";
import styles from "./dialogs.module.css";
import { FolderChooser, type Chosen } from "./FolderChooser";
import { localName } from "./localPath";
import { PeopleWithRoles } from "./MembersDialog";
import { roleOf, type FolderRoleKey } from "./roles";

/** First which folder, then with whom. */
export function ShareDialog({ ws, onClose }: { ws: string; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const go = useGo();
  const sentence = useSentence();
  const [chosen, setChosen] = useState<Chosen>({ path: "", errorCode: "" });
  const [decided, setDecided] = useState(false);
  const [name, setName] = useState("");
  const [picked, setPicked] = useState<ReadonlyMap<string, FolderRoleKey>>(new Map());
  const share = useMutation({
    mutationFn: () => api.folders.share({ workspaceId: ws, localPath: chosen.path, name, members: [...picked].map(([personId, key]) => ({ personId, role: roleOf(key) })) }),
    onSuccess: (folder) => {
      onClose();
      go.folder(ws, folder.id);
    },
  });
  const problem = share.error ? problemOf(share.error) : null;
  const ofName = problem?.code.startsWith("name_") ?? false;
  const fit = chosen.path !== "" && chosen.errorCode === "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!decided && fit) {
      setName(localName(chosen.path));
      setDecided(true);
    } else if (decided && !share.isPending) share.mutate();
  };
  return (
    <Dialog
      open onClose={onClose} size="lg" title={t("folders.share")} description={decided ? t("folders.sharing.people") : t("folders.sharing.text")}
      actions={
        <>
          {decided ? <Button onClick={() => {
            share.reset();
            setDecided(false);
          }}>{t("action.back")}</Button> : <Button onClick={onClose}>{t("action.cancel")}</Button>}
          <Button kind="primary" type="submit" form="share-folder" busy={share.isPending} disabled={!fit}>{decided ? t("folders.sharing.share") : t("action.continue")}</Button>
        </>
      }
    >
      <form id="share-folder" className={styles.form} onSubmit={submit}>
        {decided ? (
          <>
            <p className={styles.place}><FolderCheck aria-hidden /><bdi dir="ltr">{chosen.path}</bdi></p>
            <Field autoFocus label={t("folders.nameLabel")} hint={t("folders.sharing.nameHint")} value={name} onChange={(event) => setName(event.target.value)} error={problem && ofName ? sentence(problem) : undefined} />
            <div className={styles.field}>
              <span className={styles.legend}>{t("folders.members.title")}</span>
              <PeopleWithRoles ws={ws} folder="" without={[]} picked={picked} onPicked={setPicked} />
            </div>
            {problem && !ofName && <ErrorNote problem={problem} />}
          </>
        ) : (
          <>
            <FolderChooser label={t("folders.chooser.label")} chosen={chosen} onChosen={setChosen} />
            <div className={styles.said} role="status">
              {chosen.path !== "" && (fit ? <p className={styles.place}><FolderCheck aria-hidden /><bdi dir="ltr">{chosen.path}</bdi></p> : <InfoNote tone="warn">{sentence({ code: chosen.errorCode, params: {} })}</InfoNote>)}
            </div>
          </>
        )}
      </form>
    </Dialog>
  );
}
