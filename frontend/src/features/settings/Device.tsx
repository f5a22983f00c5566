import { KeyRound } from "lucide-react";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { KeyProtection, problemOf, type Settings } from "../../api";
import { useRuntime, useStatus } from "../../live";
import { Button, CopyButton, Field, useSentence } from "../../ui";
import { HostRelay } from "./HostRelay";
import styles from "./settings.module.css";
import { useSet } from "./useSet";

export function Device({ ws, settings }: { ws: string; settings: Settings }) {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const sentence = useSentence();
  const status = useStatus().data;
  const set = useSet();
  const [name, setName] = useState(settings.deviceName);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!set.isPending) set.mutate({ deviceName: name });
  };
  const kept = status?.protection === KeyProtection.OS_KEYCHAIN ? t("settings.protection.keychain")
    : status?.protection === KeyProtection.PASSPHRASE ? t("settings.protection.passphrase")
      : status?.protection === KeyProtection.FILE ? t("settings.protection.file") : t("settings.protection.unknown");
  return (
    <>
      <form className={styles.block} onSubmit={submit}>
        <div className={styles.inline}>
          <Field label={t("settings.deviceName")} value={name} onChange={(event) => setName(event.target.value)} error={set.error ? sentence(problemOf(set.error)) : undefined} hint={t("settings.deviceNameNote")} />
          <Button type="submit" busy={set.isPending} disabled={name === settings.deviceName}>{set.isSuccess && name === settings.deviceName ? t("state.saved") : t("settings.saveName")}</Button>
        </div>
      </form>
      <section className={styles.block}>
        <h2>{t("settings.fingerprint")}</h2>
        <div className={styles.print}>
          <code>{status?.fingerprint}</code>
          <CopyButton text={status?.fingerprint ?? ""} copy={runtime.copyText} />
        </div>
        <p className={styles.note}>{t("settings.fingerprintNote")}</p>
      </section>
      <section className={styles.block}>
        <h2>{t("settings.keys")}</h2>
        <p className={styles.kept}><KeyRound aria-hidden />{kept}</p>
        <p className={styles.note}>{t("settings.keysNote")}</p>
      </section>
      <HostRelay ws={ws} />
    </>
  );
}
