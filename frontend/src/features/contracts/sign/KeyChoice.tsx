import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { KeyKind, type SigningKey } from "../../../api";
import { useSigningKeys } from "../../../live";
import { ErrorNote, Field, InfoNote, Select, Waiting } from "../../../ui";
import { date } from "../words";
import forms from "../forms.module.css";

export interface ChosenKey {
  readonly id: string;
  readonly password: string;
}

/** The program signs with nothing that has no certificate, so nothing else is offered. */
const usable = (key: SigningKey) => key.kind !== KeyKind.SEAL && (key.certificateState === "valid" || key.certificateState === "expiring");

/** With which key, and its password for this one signature. */
export function KeyChoice({ ws, value, onChange, wrong }: { ws: string; value: ChosenKey; onChange: (key: ChosenKey) => void; wrong?: string }) {
  const { t, i18n } = useTranslation();
  const { data, error } = useSigningKeys(ws);
  const keys = data?.keys.filter(usable) ?? [];
  // The best one stands there from the start: certified by an authority, then by the workspace.
  const best = [KeyKind.IMPORTED, KeyKind.WORKSPACE].flatMap((kind) => keys.filter((key) => key.kind === kind))[0]?.id ?? "";
  useEffect(() => {
    if (value.id === "" && best !== "") onChange({ ...value, id: best });
  });
  if (error && !data) return <ErrorNote cause={error} />;
  if (!data) return <Waiting />;
  if (keys.length === 0) {
    return <InfoNote tone="warn">{t(`contracts.key.${lacks(data.keys)}`)} <Link to="/w/$ws/contracts/certificates" params={{ ws }}>{t("contracts.key.make")}</Link></InfoNote>;
  }
  const chosen = keys.find((key) => key.id === value.id);
  return (
    <>
      <div className={forms.field}>
        <span className={forms.legend}>{t("contracts.key.label")}</span>
        <Select label={t("contracts.key.label")} value={value.id} options={keys.map((key) => ({ value: key.id, label: key.subject || key.algorithm, note: keyNote(key, t) }))} onChange={(id) => onChange({ ...value, id })} />
        {chosen && (
          <p className={forms.hint}>
            {chosen.kind === KeyKind.IMPORTED ? t("contracts.key.imported", { issuer: chosen.issuer }) : t("contracts.key.workspace", { issuer: chosen.issuer })}
            {chosen.certificateState === "expiring" && ` ${t("contracts.key.expiring", { date: date(Number(chosen.notAfterUnixMs), i18n.language) })}`}
          </p>
        )}
      </div>
      <Field type="password" autoComplete="off" label={t("contracts.key.password")} hint={t("contracts.key.passwordHint")} error={wrong} value={value.password} onChange={(event) => onChange({ ...value, password: event.target.value })} />
    </>
  );
}

/** Why there is no key to sign with. */
function lacks(keys: readonly SigningKey[]): "asked" | "uncertified" | "none" {
  const own = keys.filter((key) => key.kind !== KeyKind.SEAL);
  return own.some((key) => key.certificateState === "asked") ? "asked" : own.length > 0 ? "uncertified" : "none";
}

function keyNote(key: SigningKey, t: TFunction): string {
  return key.kind === KeyKind.IMPORTED ? t("contracts.key.importedShort", { issuer: key.issuer }) : t("contracts.key.workspaceShort");
}
