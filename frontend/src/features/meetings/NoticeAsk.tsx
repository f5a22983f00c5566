import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useRuntime, useSettings } from "../../live";
import { Button, InfoNote } from "../../ui";
import styles from "./page.module.css";

const KEY = "meetings.noticesAsked";

/** Asks once, where meetings are looked at and not in the middle of something, whether the system may tell of calls. */
export function NoticeAsk() {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const wanted = useSettings().data?.notifyCalls ?? false;
  const [asks, setAsks] = useState(false);
  useEffect(() => {
    let here = true;
    if (wanted && !wasAsked()) void runtime.notices.consent().then((consent) => here && setAsks(consent === "unasked"));
    return () => {
      here = false;
    };
  }, [runtime, wanted]);
  if (!asks || !wanted) return null;
  const done = () => {
    setAsks(false);
    noteAsked();
  };
  return (
    <div className={styles.ask}>
      <InfoNote>{t("meetings.notices.ask")}</InfoNote>
      <span className={styles.askDeeds}>
        <Button kind="quiet" onClick={done}>{t("meetings.notices.later")}</Button>
        <Button onClick={() => void runtime.notices.ask().finally(done)}>{t("meetings.notices.allow")}</Button>
      </span>
    </div>
  );
}

function wasAsked(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

function noteAsked(): void {
  try {
    localStorage.setItem(KEY, "1");
  } catch {
    // It is asked again when the window was closed.
  }
}
