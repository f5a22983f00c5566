import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { problemOf } from "../../api";
import { useApi } from "../../live";
import { Button, Field, useSentence } from "../../ui";
import styles from "./onboarding.module.css";

/** For networks where nothing is seen by itself: look at an address typed by hand. What it offers joins the cards above. */
export function Visit() {
  const { t } = useTranslation();
  const api = useApi();
  const sentence = useSentence();
  const [open, setOpen] = useState(false);
  const [address, setAddress] = useState("");
  const visit = useMutation({ mutationFn: () => api.people.visit({ address: address.trim() }) });
  if (!open) return <Button kind="quiet" className={styles.byHand} onClick={() => setOpen(true)}>{t("door.visit")}</Button>;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (address.trim() && !visit.isPending) visit.mutate();
  };
  return (
    <form className={styles.address} onSubmit={submit}>
      <Field
        autoFocus label={t("door.visitLabel")} hint={t("door.visitHint")} placeholder="192.0.2.7" value={address} dir="ltr"
        onChange={(event) => {
          visit.reset();
          setAddress(event.target.value);
        }}
        error={visit.error ? sentence(problemOf(visit.error)) : visit.data?.workspaces.length === 0 ? t("door.visitNothing") : undefined}
      />
      <Button type="submit" busy={visit.isPending} disabled={!address.trim()}>{t("door.visitLook")}</Button>
    </form>
  );
}
