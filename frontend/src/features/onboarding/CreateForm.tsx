import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { problemOf } from "../../api";
import { useApi } from "../../live";
import { Button, Field, useSentence } from "../../ui";
import styles from "./onboarding.module.css";
import { Stage } from "./Stage";

export function CreateForm({ invited, onBack, onEnter }: {
  /** A contract waits to be signed, or a circle to be written in: the workspace is for who does it. */
  invited: "contract" | "circle" | null;
  onBack: () => void;
  onEnter: (workspace: string) => void;
}) {
  const { t } = useTranslation();
  const api = useApi();
  const sentence = useSentence();
  const [name, setName] = useState("");
  const create = useMutation({
    mutationFn: () => api.people.createWorkspace({ name }),
    onSuccess: (workspace) => onEnter(workspace.id),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!create.isPending) create.mutate();
  };
  return (
    <Stage title={t("door.createTitle")} lead={invited === "contract" ? t("door.createForContract") : invited === "circle" ? t("circles.createFor") : undefined}>
      <form className={styles.form} onSubmit={submit}>
        <Field bare large autoFocus label={t("door.companyLabel")} placeholder={t("door.companyLabel")} value={name} maxLength={600} onChange={(event) => setName(event.target.value)} error={create.error ? sentence(problemOf(create.error)) : undefined} hint={t("door.createHint")} />
        <Button kind="primary" size="lg" type="submit" busy={create.isPending}>{t("action.create")}</Button>
        <Button kind="quiet" onClick={onBack}>{t("action.back")}</Button>
      </form>
    </Stage>
  );
}
