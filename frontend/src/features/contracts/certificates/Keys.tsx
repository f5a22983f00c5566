import { useMutation } from "@tanstack/react-query";
import { BadgeCheck, BadgePlus, CircleAlert, Clock, EllipsisVertical, FileKey2, KeyRound, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { KeyKind, type SigningKey } from "../../../api";
import { useApi, useShowSigningKeys, useSigningKeys } from "../../../live";
import { Button, Confirm, ErrorNote, IconButton, InfoNote, Menu, Waiting } from "../../../ui";
import forms from "../forms.module.css";
import { date, grouped } from "../words";
import { AskDialog, ImportKeyDialog, MakeKeyDialog, PasswordDialog } from "./KeyDialogs";

type Task = "make" | "import" | "ask" | "password" | "remove";

/** The keys of this device, and how far each is certified. */
export function Keys({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useSigningKeys(ws);
  const [task, setTask] = useState<{ kind: Task; key?: SigningKey } | null>(null);
  const close = () => setTask(null);
  return (
    <section className={forms.block} aria-label={t("contracts.keys.title")}>
      <header>
        <h2>{t("contracts.keys.title")}</h2>
        <Button icon={<FileKey2 aria-hidden />} onClick={() => setTask({ kind: "import" })}>{t("contracts.keys.import")}</Button>
        <Button kind="primary" icon={<KeyRound aria-hidden />} onClick={() => setTask({ kind: "make" })}>{t("contracts.keys.make")}</Button>
      </header>
      {error && !data ? <ErrorNote cause={error} onRetry={() => void refetch()} /> : !data ? <Waiting /> : (
        <>
          {data.keys.length === 0 && <p className={forms.quiet}>{t("contracts.keys.none")}</p>}
          <div className={forms.items}>{data.keys.map((key) => <KeyItem key={key.id} signingKey={key} onTask={(kind) => setTask({ kind, key })} />)}</div>
          {!data.keychain && data.keys.length > 0 && <InfoNote>{t("contracts.keys.noKeychain")}</InfoNote>}
        </>
      )}
      {task?.kind === "make" && <MakeKeyDialog ws={ws} onClose={close} />}
      {task?.kind === "import" && <ImportKeyDialog ws={ws} onClose={close} />}
      {task?.kind === "ask" && task.key && <AskDialog ws={ws} signingKey={task.key} onClose={close} />}
      {task?.kind === "password" && task.key && <PasswordDialog ws={ws} signingKey={task.key} onClose={close} />}
      {task?.kind === "remove" && task.key && <RemoveQuestion ws={ws} signingKey={task.key} onClose={close} />}
    </section>
  );
}

const STATES = ["none", "asked", "refused", "valid", "expiring", "expired", "revoked"] as const;
const TONES = { none: "warn", asked: "busy", refused: "bad", valid: "good", expiring: "warn", expired: "bad", revoked: "bad" } as const;
const ICONS = { good: BadgeCheck, warn: CircleAlert, bad: CircleAlert, busy: Clock } as const;
const MEANS = { [KeyKind.WORKSPACE]: "workspace", [KeyKind.IMPORTED]: "imported", [KeyKind.OWN]: "own", [KeyKind.SEAL]: "seal", [KeyKind.UNSPECIFIED]: "own" } as const;

function KeyItem({ signingKey: key, onTask }: { signingKey: SigningKey; onTask: (task: Task) => void }) {
  const { t, i18n } = useTranslation();
  const state = STATES.find((one) => one === key.certificateState) ?? "none";
  const Icon = ICONS[TONES[state]];
  const asks = key.kind !== KeyKind.IMPORTED && key.kind !== KeyKind.SEAL && (state === "none" || state === "refused" || state === "expiring" || state === "expired");
  return (
    <article className={forms.item} aria-label={key.subject || key.algorithm}>
      <div>
        <b><bdi>{key.subject || t("contracts.keys.unnamed")}</bdi></b> <span className={forms.state} data-tone={TONES[state]}><Icon aria-hidden />{t(`contracts.keys.state.${state}`)}</span>
        <small>{[key.algorithm, key.issuer !== "" && key.issuer !== key.subject ? t("contracts.event.issuer", { issuer: key.issuer }) : "", key.notAfterUnixMs > 0n ? t("contracts.keys.until", { date: date(Number(key.notAfterUnixMs), i18n.language) }) : ""].filter((word) => word !== "").join(" · ")}</small>
        <small>{t(`contracts.keys.means.${MEANS[key.kind]}`)}</small>
        {state === "revoked" && <small>{t("contracts.keys.revokedHint")}</small>}
        {key.reason !== "" && <small>{t("contracts.note.reason", { reason: key.reason })}</small>}
        {key.fingerprint !== "" && <small className={forms.mono}>{grouped(key.fingerprint)}</small>}
      </div>
      {asks && <Button kind={state === "none" ? "primary" : "plain"} icon={<BadgePlus aria-hidden />} onClick={() => onTask("ask")}>{state === "none" ? t("contracts.keys.ask") : t("contracts.keys.askAgain")}</Button>}
      <Menu
        label={t("contracts.menu.title")} trigger={<IconButton label={t("contracts.keys.options", { name: key.subject || key.algorithm })}><EllipsisVertical /></IconButton>}
        entries={[
          { key: "password", label: t("contracts.keys.password"), icon: <KeyRound aria-hidden />, onSelect: () => onTask("password") },
          { key: "remove", label: t("contracts.keys.remove"), icon: <Trash2 aria-hidden />, danger: true, divided: true, onSelect: () => onTask("remove") },
        ]}
      />
    </article>
  );
}

function RemoveQuestion({ ws, signingKey, onClose }: { ws: string; signingKey: SigningKey; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const show = useShowSigningKeys(ws);
  const remove = useMutation({
    mutationFn: () => api.keys.removeSigningKey({ keyId: signingKey.id }),
    onSuccess: () => {
      show();
      onClose();
    },
  });
  return (
    <Confirm open danger onClose={onClose} onConfirm={() => remove.mutate()} title={t("contracts.keys.removeTitle")} action={t("contracts.keys.remove")} busy={remove.isPending} error={remove.error !== null && <ErrorNote cause={remove.error} />}>
      {t("contracts.keys.removeText")}
    </Confirm>
  );
}
