import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { problemOf, type Member } from "../../api";
import { PERSON_SIDE } from "../../lib/squarePicture";
import { useApi } from "../../live";
import { Button, Dialog, ErrorNote, Field, PictureField, usePortrait, useSentence } from "../../ui";
import styles from "./card.module.css";

const FIELDS = ["name", "title", "department", "phone", "email"] as const;

export function ProfileDialog({ ws, member, onClose }: { ws: string; member: Member; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const sentence = useSentence();
  const [values, setValues] = useState(() => ({ name: member.name, title: member.title, department: member.department, phone: member.phone, email: member.email }));
  // Null takes the picture away, undefined leaves it.
  const [picture, setPicture] = useState<Uint8Array<ArrayBuffer> | null>();
  const before = usePortrait(member.personId);
  const save = useMutation({
    async mutationFn() {
      const changed = FIELDS.filter((field) => values[field] !== member[field]);
      if (changed.length > 0) await api.people.setProfile({ workspaceId: ws, ...Object.fromEntries(changed.map((field) => [field, values[field]])) });
      if (picture !== undefined) await api.portraits.set({ workspaceId: ws, picture: picture ?? new Uint8Array() });
    },
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
        <PictureField
          id={member.personId} name={member.name} label={t("directory.picture")} hint={t("directory.pictureHint")} side={PERSON_SIDE}
          before={before} picture={picture} onPicture={setPicture}
        />
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
