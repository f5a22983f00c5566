import { create } from "@bufbuild/protobuf";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CircleAlert, CircleCheck } from "lucide-react";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { TimeAuthoritySettingsSchema, type TimeAuthoritySettings } from "../../../api";
import { contractKeys, useApi, useTimeAuthority } from "../../../live";
import { Button, ErrorNote, Field, Waiting, useSentence } from "../../../ui";
import forms from "../forms.module.css";
import { moment } from "../words";

/** Who stamps the time. Without one, signatures have no trusted time, and that is said where one signs. */
export function TimeAuthority() {
  const { t } = useTranslation();
  const { data, error, refetch } = useTimeAuthority();
  return (
    <section className={forms.block} aria-label={t("contracts.timeAuthority.title")}>
      <header><h2>{t("contracts.timeAuthority.title")}</h2></header>
      <p className={forms.quiet}>{t("contracts.timeAuthority.text")}</p>
      {error && !data ? <ErrorNote cause={error} onRetry={() => void refetch()} /> : !data ? <Waiting /> : <Form key={`${data.url} ${data.user}`} settings={data} />}
    </section>
  );
}

function Form({ settings }: { settings: TimeAuthoritySettings }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const client = useQueryClient();
  const sentence = useSentence();
  const [url, setURL] = useState(settings.url);
  const [user, setUser] = useState(settings.user);
  const [password, setPassword] = useState("");
  const [root, setRoot] = useState(settings.rootPem);
  const save = useMutation({
    mutationFn: (none: boolean) => api.keys.setTimeAuthority(create(TimeAuthoritySettingsSchema, none ? {} : { url: url.trim(), user, password, rootPem: root.trim() })),
    onSuccess: (answer) => client.setQueryData(contractKeys.time, answer),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!save.isPending && url.trim() !== "") save.mutate(false);
  };
  return (
    <form className={forms.card} onSubmit={submit}>
      {settings.url !== "" && (
        <p role="status">
          <span className={forms.state} data-tone={settings.errorCode === "" ? "good" : "bad"}>{settings.errorCode === "" ? <CircleCheck aria-hidden /> : <CircleAlert aria-hidden />}{settings.errorCode === "" ? t("contracts.timeAuthority.works") : sentence({ code: settings.errorCode, params: {} })}</span>
          {settings.triedUnixMs > 0n && ` ${t("contracts.timeAuthority.tried", { time: moment(settings.triedUnixMs, i18n.language) })}`}
        </p>
      )}
      <Field dir="ltr" label={t("contracts.timeAuthority.url")} hint={t("contracts.timeAuthority.urlHint")} value={url} placeholder="https://…" onChange={(event) => setURL(event.target.value)} />
      <details>
        <summary>{t("contracts.timeAuthority.more")}</summary>
        <div className={forms.form}>
          <div className={forms.pair}>
            <Field label={t("contracts.timeAuthority.user")} value={user} onChange={(event) => setUser(event.target.value)} />
            <Field type="password" autoComplete="off" label={t("contracts.timeAuthority.password")} hint={settings.hasPassword ? t("contracts.timeAuthority.kept") : undefined} value={password} onChange={(event) => setPassword(event.target.value)} />
          </div>
          <div className={forms.field}>
            <label htmlFor="time-root">{t("contracts.timeAuthority.root")}</label>
            <textarea id="time-root" className={forms.area} rows={4} dir="ltr" spellCheck={false} value={root} placeholder="-----BEGIN CERTIFICATE-----" onChange={(event) => setRoot(event.target.value)} />
            <p className={forms.hint}>{t("contracts.timeAuthority.rootHint")}</p>
          </div>
        </div>
      </details>
      {save.error !== null && <ErrorNote cause={save.error} />}
      <div className={forms.row}>
        <Button kind="primary" type="submit" disabled={url.trim() === ""} busy={save.isPending}>{t("contracts.timeAuthority.save")}</Button>
        {settings.url !== "" && <Button busy={save.isPending} onClick={() => save.mutate(true)}>{t("contracts.timeAuthority.none")}</Button>}
      </div>
    </form>
  );
}
