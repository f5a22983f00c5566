import { AlertDialog as BaseAlert } from "@base-ui/react/alert-dialog";
import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button, IconButton } from "./Button";
import { cx } from "./cx";
import styles from "./Dialog.module.css";
import { usePortalRoot } from "./Night";
import { reachable } from "./reachable";

interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  children: ReactNode;
  /** Buttons at the foot. */
  actions?: ReactNode;
  size?: "sm" | "md" | "lg";
}

export function Dialog({ open, onClose, title, description, children, actions, size = "md" }: DialogProps) {
  const { t } = useTranslation();
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal container={usePortalRoot()}>
        <Base.Backdrop className={styles.veil} />
        <Base.Popup className={cx(styles.popup, styles[size])}>
          <header className={styles.head}>
            <Base.Title className={styles.title}>{title}</Base.Title>
            <Base.Close render={<IconButton label={t("action.close")} className={styles.close}><X /></IconButton>} />
          </header>
          {description && <Base.Description className={styles.description}>{description}</Base.Description>}
          <div ref={reachable} className={styles.body}>{children}</div>
          {actions && <footer className={styles.foot}>{actions}</footer>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

interface ConfirmProps {
  open: boolean;
  onClose: () => void;
  onConfirm: () => void;
  title: string;
  children: ReactNode;
  action: string;
  danger?: boolean;
  busy?: boolean;
  error?: ReactNode;
}

/** Asks once, says what will happen, and names the deed on its button. */
export function Confirm({ open, onClose, onConfirm, title, children, action, danger, busy, error }: ConfirmProps) {
  const { t } = useTranslation();
  return (
    <BaseAlert.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <BaseAlert.Portal container={usePortalRoot()}>
        <BaseAlert.Backdrop className={styles.veil} />
        <BaseAlert.Popup className={cx(styles.popup, styles.sm)}>
          <BaseAlert.Title className={cx(styles.title, styles.alone)}>{title}</BaseAlert.Title>
          <BaseAlert.Description render={<div ref={reachable} />} className={styles.body}>{children}</BaseAlert.Description>
          {error && <div className={styles.body}>{error}</div>}
          <footer className={styles.foot}>
            <BaseAlert.Close render={<Button>{t("action.cancel")}</Button>} />
            <Button kind={danger ? "danger" : "primary"} busy={busy} onClick={onConfirm}>{action}</Button>
          </footer>
        </BaseAlert.Popup>
      </BaseAlert.Portal>
    </BaseAlert.Root>
  );
}
