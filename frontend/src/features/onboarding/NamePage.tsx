import { useMutation } from "@tanstack/react-query";
import { KeyRound, Video } from "lucide-react";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { KeyProtection, problemOf, type Problem, type StatusResponse } from "../../api";
import { useApi, useSetStatus } from "../../live";
import { Button, ErrorNote, Field, useSentence } from "../../ui";
import { GuestPage } from "./GuestPage";
import { KeyChoice } from "./KeyChoice";
import { LanguageChoice } from "./LanguageChoice";
import styles from "./onboarding.module.css";
import { Stage } from "./Stage";

const NAME_CODES = new Set(["name_empty", "name_too_long", "name_invalid"]);
const NAME_EMPTY: Problem = { code: "name_empty", params: {} };

/** First question of a new profile: the name. Where the keys go is one line, or the second question where there is no keychain. */
export function NamePage({ status }: { status: StatusResponse }) {
  const { t } = useTranslation();
  const api = useApi();
  const setStatus = useSetStatus();
  const sentence = useSentence();
  const offered = status.protections.length > 0 ? status.protections : [KeyProtection.FILE];
  const hasKeychain = offered.includes(KeyProtection.OS_KEYCHAIN);
  const [step, setStep] = useState<"name" | "keys" | "guest">("name");
  const [name, setName] = useState(status.suggestedName);
  const [device, setDevice] = useState(status.suggestedDeviceName);
  const [protection, setProtection] = useState(offered[0]!);
  const [passphrase, setPassphrase] = useState("");
  const [again, setAgain] = useState("");
  const [differs, setDiffers] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  const setUp = useMutation({
    mutationFn: () => api.system.setUp({
      name, deviceName: device, protection, passphrase: protection === KeyProtection.PASSPHRASE ? passphrase : "",
    }),
    onSuccess: (answer) => setStatus(answer.status),
    onError: (error) => {
      const found = problemOf(error);
      setProblem(found);
      if (NAME_CODES.has(found.code)) setStep("name");
    },
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (setUp.isPending) return;
    const bad = protection === KeyProtection.PASSPHRASE && passphrase !== again;
    setDiffers(bad);
    setProblem(null);
    if (name.trim() === "") {
      setProblem(NAME_EMPTY);
      setStep("name");
    } else if (step === "name" && protection !== KeyProtection.OS_KEYCHAIN) setStep("keys");
    else if (!bad) setUp.mutate();
  };
  const ofName = problem !== null && NAME_CODES.has(problem.code);

  if (step === "guest") return <GuestPage onBack={() => setStep("name")} />;
  if (step === "keys") {
    return (
      <Stage title={t("welcome.keysQuestion")} lead={hasKeychain ? undefined : t("welcome.keysNone")}>
        <form className={styles.form} onSubmit={submit}>
          <KeyChoice
            offered={offered} protection={protection} onProtection={setProtection}
            passphrase={passphrase} onPassphrase={setPassphrase} again={again} onAgain={setAgain} differs={differs}
            device={device} onDevice={setDevice}
          />
          {problem && <ErrorNote problem={problem} />}
          <Button kind="primary" size="lg" type="submit" busy={setUp.isPending}>{t("action.continue")}</Button>
          <Button kind="quiet" onClick={() => setStep("name")}>{t("action.back")}</Button>
        </form>
      </Stage>
    );
  }
  return (
    <Stage title={t("welcome.nameTitle")} lead={t("welcome.tagline")}>
      <form className={styles.form} onSubmit={submit}>
        <Field
          bare large autoFocus label={t("welcome.nameLabel")} value={name} maxLength={600} onChange={(event) => setName(event.target.value)}
          error={ofName ? sentence(problem) : undefined} hint={t("welcome.nameHint")}
        />
        {hasKeychain && (
          <div className={styles.keys}>
            <KeyRound aria-hidden />
            <p>
              {protection === KeyProtection.OS_KEYCHAIN ? t("welcome.keysLine.keychain")
                : protection === KeyProtection.PASSPHRASE ? t("welcome.keysLine.passphrase") : t("welcome.keysLine.file")}
            </p>
            <Button kind="quiet" onClick={() => setStep("keys")}>{t("welcome.keysChange")}</Button>
          </div>
        )}
        {problem && !ofName && <ErrorNote problem={problem} />}
        <Button kind="primary" size="lg" type="submit" busy={setUp.isPending}>{t("action.continue")}</Button>
        <p className={styles.small}>{t("welcome.noAccount")}</p>
      </form>
      <div className={styles.other}><Button kind="quiet" icon={<Video aria-hidden />} onClick={() => setStep("guest")}>{t("guest.title")}</Button></div>
      <LanguageChoice />
    </Stage>
  );
}
