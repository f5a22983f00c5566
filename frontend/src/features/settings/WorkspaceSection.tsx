import { useMutation } from "@tanstack/react-query";
import { LogOut } from "lucide-react";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { problemOf, type Workspace } from "../../api";
import { useApi, useWorkspace } from "../../live";
import { Button, Confirm, ErrorNote, Field, InfoNote, useSentence, Waiting } from "../../ui";
import { DingRules } from "./DingRules";
import { RecallSpan } from "./RecallSpan";
import styles from "./settings.module.css";

export function WorkspaceSection({ ws }: { ws: string }) {
  const workspace = useWorkspace(ws);
  return workspace ? <Loaded key={workspace.id} workspace={workspace} /> : <Waiting />;
}

function Loaded({ workspace }: { workspace: Workspace }) {
  const { t } = useTranslation();
  const api = useApi();
  const sentence = useSentence();
  const [name, setName] = useState(workspace.name);
  const [leaving, setLeaving] = useState(false);
  const rename = useMutation({ mutationFn: () => api.people.renameWorkspace({ workspaceId: workspace.id, name }) });
  const leave = useMutation({ mutationFn: () => api.people.leaveWorkspace({ workspaceId: workspace.id }), onSuccess: () => setLeaving(false) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!rename.isPending) rename.mutate();
  };
  const mayRename = workspace.canAdminister && workspace.active;
  return (
    <>
      {!workspace.active && <InfoNote>{t("composer.inactive")}</InfoNote>}
      <form className={styles.block} onSubmit={submit}>
        <div className={styles.inline}>
          <Field label={t("settings.workspaceName")} value={name} disabled={!mayRename} onChange={(event) => setName(event.target.value)} error={rename.error ? sentence(problemOf(rename.error)) : undefined} hint={mayRename ? t("settings.workspaceNameNote") : t("settings.onlyAdmins")} />
          {mayRename && <Button type="submit" busy={rename.isPending} disabled={name === workspace.name}>{t("settings.saveName")}</Button>}
        </div>
      </form>
      {workspace.active && <RecallSpan ws={workspace.id} />}
      {workspace.active && <DingRules ws={workspace.id} />}
      {workspace.active && (
        <section className={styles.block}>
          <h2>{t("settings.leave")}</h2>
          <p className={styles.note}>{t("settings.leaveNote")}</p>
          <Button kind="danger" icon={<LogOut aria-hidden />} onClick={() => setLeaving(true)}>{t("settings.leave")}</Button>
        </section>
      )}
      <Confirm
        open={leaving} onClose={() => setLeaving(false)} danger title={t("settings.leaveTitle", { name: workspace.name })} action={t("action.leave")} busy={leave.isPending}
        onConfirm={() => leave.mutate()} error={leave.error ? <ErrorNote cause={leave.error} /> : undefined}
      >
        {t("settings.leaveText")}
      </Confirm>
    </>
  );
}
