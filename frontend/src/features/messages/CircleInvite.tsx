import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { problemOf, type CircleLink, type Conversation } from "../../api";
import { reachOf } from "../../lib/address";
import { joinNames } from "../../lib/names";
import { full } from "../../lib/time";
import { useApi, useRuntime } from "../../live";
import { Button, CopyButton, Dialog, ErrorNote, Field, InfoNote, Segmented, Select, useSentence } from "../../ui";
import styles from "./circles.module.css";

const LIVES = [["day", 86_400n], ["week", 604_800n], ["month", 2_592_000n]] as const;
const USES = ["5", "20", "100"] as const;

/** A link for partners: for one by name, or for several. */
export function CircleInvite({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const sentence = useSentence();
  const [whom, setWhom] = useState<"one" | "several">("one");
  const [name, setName] = useState("");
  const [life, setLife] = useState<(typeof LIVES)[number][0]>("week");
  const [uses, setUses] = useState<(typeof USES)[number]>("5");
  const one = whom === "one";
  const make = useMutation({
    mutationFn: () => api.circles.inviteToCircle({
      circleId: conversation.id, forName: one ? name : "", expiresSeconds: LIVES.find(([key]) => key === life)![1], maxUses: one ? 1 : Number(uses),
    }),
  });
  const problem = make.error ? problemOf(make.error) : null;
  const ofName = problem?.code.startsWith("name_") ?? false;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!make.isPending) make.mutate();
  };
  return (
    <Dialog open onClose={onClose} title={t("circles.inviteTitle")} description={t("circles.inviteText")}>
      {make.data ? <Made link={make.data} onAnother={() => make.reset()} /> : (
        <form className={styles.form} onSubmit={submit}>
          <Segmented label={t("circles.whom")} value={whom} onChange={setWhom} options={[{ value: "one", label: t("circles.one") }, { value: "several", label: t("circles.several") }]} />
          {one && <Field autoFocus label={t("circles.partnerName")} value={name} onChange={(event) => setName(event.target.value)} error={problem && ofName ? sentence(problem) : undefined} />}
          <div className={styles.choices}>
            <div><span>{t("invites.expires")}</span><Select label={t("invites.expires")} value={life} onChange={setLife} options={LIVES.map(([key]) => ({ value: key, label: t(`invites.${key}`) }))} /></div>
            {!one && <div><span>{t("invites.uses")}</span><Select label={t("invites.uses")} value={uses} onChange={setUses} options={USES.map((count) => ({ value: count, label: t("invites.times", { count: Number(count) }) }))} /></div>}
          </div>
          <Sees joining={conversation.history?.fromJoining ?? false} />
          {problem && !ofName && <ErrorNote problem={problem} />}
          <Button kind="primary" type="submit" busy={make.isPending} disabled={one && name.trim() === ""}>{t("invites.create")}</Button>
        </form>
      )}
    </Dialog>
  );
}

/** What partners will see, where it matters: before one lets them in. */
function Sees({ joining }: { joining: boolean }) {
  const { t } = useTranslation();
  return <ul className={styles.sees} aria-label={t("circles.sees")}><li>{t("circles.seesThis")}</li><li>{t(joining ? "circles.seesJoining" : "circles.seesHistory")}</li><li>{t("circles.seesNot")}</li></ul>;
}

function Made({ link, onAnother }: { link: CircleLink; onAnother: () => void }) {
  const { t, i18n } = useTranslation();
  const runtime = useRuntime();
  const { reach, hosts } = reachOf(link.relayHosts);
  const values = { count: hosts.length, hosts: joinNames(hosts, i18n.language) };
  return (
    <div className={styles.made}>
      <label>
        <span className={styles.quiet}>{link.forName === "" ? t("invites.link") : t("circles.linkFor", { name: link.forName })}</span>
        <textarea readOnly rows={4} dir="ltr" value={link.link} onFocus={(event) => event.target.select()} />
      </label>
      <p className={styles.quiet}>{t("invites.until", { date: full(Number(link.expiresUnixMs), i18n.language) })} · {t("invites.times", { count: link.maxUses })}</p>
      <InfoNote>{reach === "far" ? t("invites.reachFar", values) : reach === "inside" ? t("invites.reachInside", values) : t("invites.reachNear")}</InfoNote>
      <div className={styles.link}>
        <CopyButton primary text={link.link} copy={runtime.copyText} label={t("invites.copy")} />
        <Button kind="quiet" onClick={onAnother}>{t("invites.another")}</Button>
      </div>
    </div>
  );
}
