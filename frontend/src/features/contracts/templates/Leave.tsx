import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Confirm } from "../../../ui";

/** Nothing that was typed is lost by one press. */
export function Leave({ onStay, onLeave, children }: { onStay: () => void; onLeave: () => void; children: ReactNode }) {
  const { t } = useTranslation();
  return <Confirm open danger onClose={onStay} onConfirm={onLeave} title={t("contracts.templates.leaveTitle")} action={t("contracts.templates.leaveDo")}>{children}</Confirm>;
}
