import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { problemOf, type Member } from "../../api";
import { useApi } from "../../live";
import { Button, Dialog, ErrorNote, Field, useSentence } from "../../ui";
import styles from "./card.module.css";

const FIELDS = ["name", "title", "department", "phone", "email"] as const;

export function ProfileDialog({ ws, member, onClose }: { ws: string; member: Member; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const sentence = useSentence();
  const [values, setValues] = useState(() => ({ name: member.name, title: member.title, department: member.department, phone: member.phone, email: member.email }));
  const save = useMutation({
    mutationFn: () => api.people.setProfile({ workspaceId: ws, ...Object.fromEntries(FIELDS.filter((field) => values[field] !== member[field]).map((field) => [field, values[field]])) }),
    onSuccess: onClose,
  });
  const problem = save.error ? problemOf(save.error) : null;
  const ofName = problem?.code.startsWith("name_") ?? false;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!save.isPending) save.mutate();
  };
  return (
    <Dialog
      open onClose={onClose} title={t("directory.editProfile")}
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" type="submit" form="profile" busy={save.isPending}>{t("action.save")}</Button></>}
    >
      <form id="profile" className={styles.form} onSubmit={submit}>
        {FIELDS.map((field) => (
          <Field
            key={field} label={t(`directory.${field}`)} value={values[field]} error={field === "name" && problem && ofName ? sentence(problem) : undefined}
            onChange={(event) => setValues((now) => ({ ...now, [field]: event.target.value }))}
          />
        ))}
        {problem && !ofName && <ErrorNote problem={problem} />}
      </form>
    </Dialog>
  );
}
