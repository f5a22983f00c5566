import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { KeyProtection, problemOf, type StatusResponse } from "../../api";
import { useApi, useSetStatus } from "../../live";
import { Button, ErrorNote, Field, useSentence } from "../../ui";
import { LanguageChoice } from "./LanguageChoice";
import styles from "./onboarding.module.css";
import { Stage } from "./Stage";

export function LockedPage({ status }: { status: StatusResponse }) {
  const { t } = useTranslation();
  const api = useApi();
  const setStatus = useSetStatus();
  const sentence = useSentence();
  const [passphrase, setPassphrase] = useState("");
  const unlock = useMutation({
    mutationFn: () => api.system.unlock({ passphrase }),
    onSuccess: (answer) => setStatus(answer.status),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!unlock.isPending) unlock.mutate();
  };
  const title = status.name === "" ? t("locked.titlePlain") : t("locked.title", { name: status.name });
  // The computer's keychain did not answer: there is no passphrase to type, only to let it answer.
  if (status.protection === KeyProtection.OS_KEYCHAIN) {
    return (
      <Stage title={title} lead={t("locked.keychain")}>
        <form className={styles.form} onSubmit={submit}>
          {unlock.error && <ErrorNote cause={unlock.error} />}
          <Button kind="primary" size="lg" type="submit" busy={unlock.isPending}>{t("action.retry")}</Button>
        </form>
        <LanguageChoice />
      </Stage>
    );
  }
  return (
    <Stage title={title} lead={t("locked.text")}>
      <form className={styles.form} onSubmit={submit}>
        <Field
          bare large autoFocus type="password" autoComplete="current-password" label={t("welcome.passphraseLabel")} placeholder={t("welcome.passphraseLabel")}
          value={passphrase} onChange={(event) => setPassphrase(event.target.value)} error={unlock.error ? sentence(problemOf(unlock.error)) : undefined}
        />
        <Button kind="primary" size="lg" type="submit" busy={unlock.isPending} disabled={passphrase === ""}>{t("locked.unlock")}</Button>
      </form>
      <LanguageChoice />
    </Stage>
  );
}
