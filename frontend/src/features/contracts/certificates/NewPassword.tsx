import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../../ui";

const LEAST = 6;

/** A new password, twice; hands over "" until both are the same and long enough. */
export function NewPassword({ onPassword, label }: { onPassword: (password: string) => void; label?: string }) {
  const { t } = useTranslation();
  const [first, setFirst] = useState("");
  const [second, setSecond] = useState("");
  const tell = (a: string, b: string) => onPassword([...a].length >= LEAST && a === b ? a : "");
  return (
    <>
      <Field
        type="password" autoComplete="new-password" label={label ?? t("contracts.password.new")} hint={t("contracts.password.hint", { min: LEAST })} value={first}
        error={first !== "" && [...first].length < LEAST && second !== "" ? t("contracts.password.short", { min: LEAST }) : undefined}
        onChange={(event) => {
          setFirst(event.target.value);
          tell(event.target.value, second);
        }}
      />
      <Field
        type="password" autoComplete="new-password" label={t("contracts.password.again")} value={second} error={second !== "" && second.length >= first.length && first !== second ? t("contracts.password.differs") : undefined}
        onChange={(event) => {
          setSecond(event.target.value);
          tell(first, event.target.value);
        }}
      />
    </>
  );
}
