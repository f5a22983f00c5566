import { useTranslation } from "react-i18next";
import { KeyProtection } from "../../api";
import { Choices, Field } from "../../ui";
import styles from "./onboarding.module.css";

interface KeyChoiceProps {
  offered: readonly KeyProtection[];
  protection: KeyProtection;
  onProtection: (protection: KeyProtection) => void;
  passphrase: string;
  onPassphrase: (passphrase: string) => void;
  again: string;
  onAgain: (again: string) => void;
  differs: boolean;
  device: string;
  onDevice: (device: string) => void;
}

export function KeyChoice(props: KeyChoiceProps) {
  const { t } = useTranslation();
  const words: Partial<Record<KeyProtection, { label: string; note: string }>> = {
    [KeyProtection.OS_KEYCHAIN]: { label: t("welcome.keychain"), note: t("welcome.keychainNote") },
    [KeyProtection.PASSPHRASE]: { label: t("welcome.passphrase"), note: t("welcome.passphraseNote") },
    [KeyProtection.FILE]: { label: t("welcome.file"), note: t("welcome.fileNote") },
  };
  const options = props.offered.flatMap((protection) => {
    const found = words[protection];
    return found ? [{ value: String(protection), ...found }] : [];
  });
  return (
    <section className={styles.panel} aria-label={t("welcome.keysTitle")}>
      <Choices label={t("welcome.keysTitle")} value={String(props.protection)} options={options} onChange={(value) => props.onProtection(Number(value))} />
      {props.protection === KeyProtection.PASSPHRASE && (
        <>
          <Field type="password" autoComplete="new-password" label={t("welcome.passphraseLabel")} value={props.passphrase} onChange={(event) => props.onPassphrase(event.target.value)} />
          <Field
            type="password" autoComplete="new-password" label={t("welcome.passphraseAgain")} value={props.again}
            onChange={(event) => props.onAgain(event.target.value)} error={props.differs && props.passphrase !== props.again ? t("welcome.passphraseDiffers") : undefined}
          />
        </>
      )}
      <Field label={t("welcome.deviceLabel")} value={props.device} onChange={(event) => props.onDevice(event.target.value)} />
    </section>
  );
}
