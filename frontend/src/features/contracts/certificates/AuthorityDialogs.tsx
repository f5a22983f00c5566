import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Role, type CertificateRequest, type IssuedCertificate, type WorkspaceAuthority } from "../../../api";
import { useApi, useFoundMembers, useShowAuthority, useWorkspace } from "../../../live";
import { Button, Dialog, ErrorNote, Field, Select, Waiting } from "../../../ui";
import forms from "../forms.module.css";
import { NewPassword } from "./NewPassword";

function Deed({ ws, title, description, action, danger, ready, run, onClose, children }: {
  ws: string;
  title: string;
  description: string;
  action: string;
  danger?: boolean;
  ready: boolean;
  run: () => Promise<WorkspaceAuthority>;
  onClose: () => void;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const show = useShowAuthority(ws);
  const deed = useMutation({
    mutationFn: run,
    onSuccess: (answer) => {
      show(answer);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !deed.isPending) deed.mutate();
  };
  return (
    <Dialog open onClose={onClose} title={title} description={description} actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind={danger ? "danger" : "primary"} type="submit" form="authority-deed" disabled={!ready} busy={deed.isPending}>{action}</Button></>}>
      <form id="authority-deed" className={forms.form} onSubmit={submit}>
        {children}
        {deed.error !== null && <ErrorNote cause={deed.error} />}
      </form>
    </Dialog>
  );
}

function RootPassword({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation();
  return <Field type="password" autoComplete="off" label={t("contracts.authority.password")} value={value} onChange={(event) => onChange(event.target.value)} />;
}

export function FoundDialog({ ws, onClose }: { ws: string; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const workspace = useWorkspace(ws);
  const [name, setName] = useState<string | null>(null);
  const [password, setPassword] = useState("");
  const organization = name ?? workspace?.name ?? "";
  return (
    <Deed ws={ws} title={t("contracts.authority.found")} description={t("contracts.authority.foundText")} action={t("contracts.authority.foundDo")} ready={organization.trim() !== "" && password !== ""} onClose={onClose} run={() => api.authority.foundAuthority({ workspaceId: ws, organization: organization.trim(), password })}>
      <Field autoFocus label={t("contracts.authority.organization")} hint={t("contracts.authority.organizationHint")} value={organization} maxLength={64} onChange={(event) => setName(event.target.value)} />
      <NewPassword onPassword={setPassword} label={t("contracts.authority.newPassword")} />
    </Deed>
  );
}

const WAYS = ["person", "document", "known", "other"] as const;
const MONTHS = ["6", "12", "24", "36"] as const;

export function IssueDialog({ ws, request, onClose }: { ws: string; request: CertificateRequest; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const [way, setWay] = useState<(typeof WAYS)[number]>("person");
  const [other, setOther] = useState("");
  const [months, setMonths] = useState<(typeof MONTHS)[number]>("24");
  const [password, setPassword] = useState("");
  const verified = way === "other" ? other.trim() : t(`contracts.authority.way.${way}`);
  const name = request.sealName !== "" ? t("contracts.authority.forSeal", { name: request.personName, seal: request.sealName }) : request.legalName;
  return (
    <Deed ws={ws} title={t("contracts.authority.issueTitle", { name })} description={t("contracts.authority.issueText")} action={t("contracts.authority.issue")} ready={verified !== "" && password !== ""} onClose={onClose} run={() => api.authority.issueCertificate({ workspaceId: ws, requestId: request.id, verified, months: Number(months), password })}>
      <div className={forms.field}>
        <span className={forms.legend}>{t("contracts.authority.how")}</span>
        <Select label={t("contracts.authority.how")} value={way} options={WAYS.map((value) => ({ value, label: t(`contracts.authority.way.${value}`) }))} onChange={setWay} />
      </div>
      {way === "other" && <Field autoFocus label={t("contracts.authority.howOther")} value={other} maxLength={200} onChange={(event) => setOther(event.target.value)} />}
      <div className={forms.field}>
        <span className={forms.legend}>{t("contracts.authority.months")}</span>
        <Select label={t("contracts.authority.months")} value={months} options={MONTHS.map((value) => ({ value, label: t("contracts.authority.monthsOf", { count: Number(value) }) }))} onChange={setMonths} />
      </div>
      <RootPassword value={password} onChange={setPassword} />
    </Deed>
  );
}

export function RefuseDialog({ ws, request, onClose }: { ws: string; request: CertificateRequest; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const [reason, setReason] = useState("");
  return (
    <Deed ws={ws} danger title={t("contracts.authority.refuseTitle", { name: request.legalName || request.personName })} description={t("contracts.authority.refuseText")} action={t("action.refuse")} ready={reason.trim() !== ""} onClose={onClose} run={() => api.authority.refuseCertificate({ workspaceId: ws, requestId: request.id, reason: reason.trim() })}>
      <Field autoFocus label={t("contracts.reason")} value={reason} maxLength={300} onChange={(event) => setReason(event.target.value)} />
    </Deed>
  );
}

const REASONS = [["1", "key"], ["3", "left"], ["4", "replaced"], ["5", "unneeded"]] as const;

export function RevokeDialog({ ws, certificate, onClose }: { ws: string; certificate: IssuedCertificate; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const [reason, setReason] = useState<(typeof REASONS)[number][0]>("1");
  const [password, setPassword] = useState("");
  return (
    <Deed ws={ws} danger title={t("contracts.authority.revokeTitle", { name: certificate.name })} description={t("contracts.authority.revokeText")} action={t("contracts.authority.revoke")} ready={password !== ""} onClose={onClose} run={() => api.authority.revokeCertificate({ workspaceId: ws, serial: certificate.serial, reason: Number(reason), password })}>
      <div className={forms.field}>
        <span className={forms.legend}>{t("contracts.reason")}</span>
        <Select label={t("contracts.reason")} value={reason} options={REASONS.map(([value, key]) => ({ value, label: t(`contracts.authority.reason.${key}`) }))} onChange={setReason} />
      </div>
      <RootPassword value={password} onChange={setPassword} />
    </Deed>
  );
}

const OWNERS = { role: Role.OWNER };

export function HandDialog({ ws, holders, onClose }: { ws: string; holders: readonly string[]; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const { members, waiting } = useFoundMembers(ws, "", OWNERS);
  const owners = members.filter((member) => !holders.includes(member.name));
  const [person, setPerson] = useState("");
  const [password, setPassword] = useState("");
  return (
    <Deed ws={ws} title={t("contracts.authority.hand")} description={t("contracts.authority.handText")} action={t("contracts.authority.handDo")} ready={person !== "" && password !== ""} onClose={onClose} run={() => api.authority.handRoot({ workspaceId: ws, personId: person, password })}>
      {waiting ? <Waiting /> : owners.length === 0 ? <p className={forms.quiet}>{t("contracts.authority.noOwners")}</p>
        : <Select label={t("contracts.seals.person")} value={person} options={[{ value: "", label: t("contracts.seals.addPerson") }, ...owners.map((member) => ({ value: member.personId, label: member.name }))]} onChange={setPerson} />}
      <RootPassword value={password} onChange={setPassword} />
    </Deed>
  );
}

export function TakeDialog({ ws, onClose }: { ws: string; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const [password, setPassword] = useState("");
  return (
    <Deed ws={ws} title={t("contracts.authority.take")} description={t("contracts.authority.takeText")} action={t("contracts.authority.takeDo")} ready={password !== ""} onClose={onClose} run={() => api.authority.takeRoot({ workspaceId: ws, password })}>
      <NewPassword onPassword={setPassword} label={t("contracts.authority.newPassword")} />
    </Deed>
  );
}
