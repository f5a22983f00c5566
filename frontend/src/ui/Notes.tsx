import { CircleAlert, Info } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { problemOf, type Problem } from "../api";
import { isKnownCode } from "../i18n";
import { Button } from "./Button";
import { cx } from "./cx";
import styles from "./Notes.module.css";

/** The sentence for a problem, in the user's language. Codes this screen does not know read as "internal". */
export function useSentence(): (problem: Problem) => string {
  const { t } = useTranslation();
  // Which values a sentence needs is known to the program only; the types would ask for one particular key.
  return ({ code, params }) => (isKnownCode(code) ? t(`errors.${code}` as "errors.name_too_long", { max: "", ...params }) : t("errors.internal"));
}

export function ErrorNote({ cause, problem, onRetry, retry }: {
  cause?: unknown;
  problem?: Problem;
  onRetry?: () => void;
  /** What the button says, when it is not simply to try again. */
  retry?: string;
}) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const found = problem ?? (cause ? problemOf(cause) : null);
  if (!found) return null;
  return (
    <div role="alert" className={cx(styles.note, styles.error)}>
      <CircleAlert aria-hidden />
      <span>{sentence(found)}</span>
      {onRetry && <Button kind="quiet" onClick={onRetry}>{retry ?? t("action.retry")}</Button>}
    </div>
  );
}

export function InfoNote({ children, tone = "info" }: { children: ReactNode; tone?: "info" | "warn" }) {
  return (
    <div className={cx(styles.note, styles[tone])}>
      {tone === "warn" ? <CircleAlert aria-hidden /> : <Info aria-hidden />}
      <span>{children}</span>
    </div>
  );
}

export function Empty({ icon, title, children, action, top }: {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  /** It is the page's own heading. */
  top?: boolean;
}) {
  const Heading = top ? "h1" : "h2";
  return (
    <div className={styles.empty}>
      {icon && <span className={styles.picture} aria-hidden>{icon}</span>}
      <Heading>{title}</Heading>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}

export function Waiting({ label }: { label?: string }) {
  const { t } = useTranslation();
  return (
    <div role="status" className={styles.waiting}>
      <span className={styles.ring} aria-hidden />
      <span>{label ?? t("state.loading")}</span>
    </div>
  );
}

export function SkeletonRows({ count = 6 }: { count?: number }) {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t("state.loading")} className={styles.skeleton}>
      {Array.from({ length: count }, (_, index) => <div key={index} aria-hidden><i /><b /><b /></div>)}
    </div>
  );
}
