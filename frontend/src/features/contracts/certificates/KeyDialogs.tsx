import { useMutation } from "@tanstack/react-query";
import { FileKey2 } from "lucide-react";
import { useState, type FormEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SigningKey } from "../../../api";
import { useApi, useMe, useShowSigningKeys } from "../../../live";
import { Button, Choices, Dialog, ErrorNote, Field, FileIcon } from "../../../ui";
import forms from "../forms.module.css";
import { bringIn, chooseFile } from "../upload";
import { NewPassword } from "./NewPassword";

/** A dialog that does one deed and closes; what went wrong stands in it. */
function Deed({ ws, title, description, action, ready, run, onClose, children }: {
  ws: string;
  title: string;
  description: string;
  action: string;
  ready: boolean;
  run: () => Promise<unknown>;
  onClose: () => void;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const show = useShowSigningKeys(ws);
  const deed = useMutation({
    mutationFn: run,
    onSuccess: () => {
      show();
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !deed.isPending) deed.mutate();
  };
  return (
    <Dialog open onClose={onClose} title={title} description={description} actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" type="submit" form="key-deed" disabled={!ready} busy={deed.isPending}>{action}</Button></>}>
      <form id="key-deed" className={forms.form} onSubmit={submit}>
        {children}
        {deed.error !== null && <ErrorNote cause={deed.error} />}
      </form>
    </Dialog>
  );
}

export function MakeKeyDialog({ ws, onClose }: { ws: string; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const [algorithm, setAlgorithm] = useState<"p256" | "rsa3072">("p256");
  const [password, setPassword] = useState("");
  return (
    <Deed
      ws={ws} title={t("contracts.keys.make")} description={t("contracts.keys.makeText")} action={t("contracts.keys.make")} ready={password !== ""} onClose={onClose}
      run={() => api.keys.makeSigningKey({ workspaceId: ws, algorithm, password })}
    >
      <Choices label={t("contracts.keys.algorithm")} value={algorithm} onChange={setAlgorithm} options={(["p256", "rsa3072"] as const).map((value) => ({ value, label: t(`contracts.keys.${value}`), note: t(`contracts.keys.${value}Note`) }))} />
      <NewPassword onPassword={setPassword} label={t("contracts.keys.newPassword")} />
    </Deed>
  );
}

export function ImportKeyDialog({ ws, onClose }: { ws: string; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const [file, setFile] = useState<File | null>(null);
  const [filePassword, setFilePassword] = useState("");
  const [password, setPassword] = useState("");
  return (
    <Deed
      ws={ws} title={t("contracts.keys.import")} description={t("contracts.keys.importText")} action={t("contracts.keys.importDo")} ready={file !== null && password !== ""} onClose={onClose}
      run={async () => api.keys.importSigningKey({ uploadId: await bringIn(api, file!), filePassword, password })}
    >
      {file && <p className={forms.file}><FileIcon name={file.name} small /><bdi>{file.name}</bdi></p>}
      <div className={forms.row}><Button icon={<FileKey2 aria-hidden />} onClick={() => chooseFile(".p12,.pfx,application/x-pkcs12", setFile)}>{t("contracts.keys.chooseFile")}</Button></div>
      <Field type="password" autoComplete="off" label={t("contracts.keys.filePassword")} value={filePassword} onChange={(event) => setFilePassword(event.target.value)} />
      <NewPassword onPassword={setPassword} label={t("contracts.keys.newPassword")} />
    </Deed>
  );
}

export function AskDialog({ ws, signingKey, onClose }: { ws: string; signingKey: SigningKey; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const me = useMe(ws);
  const [name, setName] = useState<string | null>(null);
  const [department, setDepartment] = useState<string | null>(null);
  const [email, setEmail] = useState<string | null>(null);
  const legalName = name ?? me?.name ?? "";
  return (
    <Deed
      ws={ws} title={t("contracts.keys.ask")} description={t("contracts.keys.askText")} action={t("contracts.keys.askDo")} ready={legalName.trim() !== ""} onClose={onClose}
      run={() => api.keys.askCertificate({ keyId: signingKey.id, workspaceId: ws, legalName: legalName.trim(), department: department ?? me?.department ?? "", email: email ?? me?.email ?? "" })}
    >
      <Field autoFocus label={t("contracts.keys.legalName")} hint={t("contracts.keys.legalNameHint")} value={legalName} maxLength={64} onChange={(event) => setName(event.target.value)} />
      <Field label={t("directory.department")} value={department ?? me?.department ?? ""} maxLength={64} onChange={(event) => setDepartment(event.target.value)} />
      <Field label={t("directory.email")} type="email" value={email ?? me?.email ?? ""} maxLength={120} onChange={(event) => setEmail(event.target.value)} />
    </Deed>
  );
}

export function PasswordDialog({ ws, signingKey, onClose }: { ws: string; signingKey: SigningKey; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const [old, setOld] = useState("");
  const [password, setPassword] = useState("");
  return (
    <Deed
      ws={ws} title={t("contracts.keys.password")} description={t("contracts.keys.passwordText")} action={t("action.save")} ready={old !== "" && password !== ""} onClose={onClose}
      run={() => api.keys.changeKeyPassword({ keyId: signingKey.id, oldPassword: old, password })}
    >
      <Field autoFocus type="password" autoComplete="off" label={t("contracts.keys.oldPassword")} value={old} onChange={(event) => setOld(event.target.value)} />
      <NewPassword onPassword={setPassword} />
    </Deed>
  );
}
