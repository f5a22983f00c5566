import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { problemOf, type PlannedMeeting } from "../../api";
import { formatMeetingLink } from "../../lib/meetingLink";
import { full } from "../../lib/time";
import { useApi, useRuntime } from "../../live";
import { Button, CopyButton, Dialog, ErrorNote, Field, Select, useSentence } from "../../ui";
import { ConversationChoice } from "./ChooseDialog";
import styles from "./dialogs.module.css";
import { localDate, localTime, nextHalfHour, startOf } from "./when";

const LENGTHS = ["15", "30", "45", "60", "90", "120"] as const;

export function PlanDialog({ ws, onClose }: { ws: string; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const sentence = useSentence();
  const [first] = useState(() => nextHalfHour(Date.now()));
  const [title, setTitle] = useState("");
  const [date, setDate] = useState(localDate(first));
  const [time, setTime] = useState(localTime(first));
  const [minutes, setMinutes] = useState<(typeof LENGTHS)[number]>("30");
  const [conversation, setConversation] = useState("");
  const start = startOf(date, time);
  const late = start !== null && start < Date.now() - 60_000;
  const plan = useMutation({
    mutationFn: () => api.calls.planMeeting({ conversationId: conversation, title: title.trim(), startUnixMs: BigInt(start!), endUnixMs: BigInt(start! + Number(minutes) * 60_000) }),
  });
  const problem = plan.error ? problemOf(plan.error) : null;
  const ofName = problem?.code.startsWith("name_") ?? false;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (start !== null && !late && conversation !== "" && !plan.isPending) plan.mutate();
  };
  if (plan.data) return <Planned planned={plan.data} onClose={onClose} />;
  return (
    <Dialog
      open onClose={onClose} title={t("meetings.plan.title")}
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" type="submit" form="plan-meeting" busy={plan.isPending} disabled={start === null || late || conversation === ""}>{t("meetings.plan.deed")}</Button></>}
    >
      <form id="plan-meeting" className={styles.form} onSubmit={submit}>
        <Field autoFocus label={t("meetings.plan.name")} value={title} onChange={(event) => setTitle(event.target.value)} error={problem && ofName ? sentence(problem) : undefined} />
        <div className={styles.when}>
          <Field label={t("meetings.plan.date")} type="date" value={date} onChange={(event) => setDate(event.target.value)} />
          <Field label={t("meetings.plan.time")} type="time" value={time} onChange={(event) => setTime(event.target.value)} error={late ? t("meetings.plan.late") : undefined} />
          <div className={styles.length}>
            <span>{t("meetings.plan.length")}</span>
            <Select label={t("meetings.plan.length")} value={minutes} onChange={setMinutes} options={LENGTHS.map((value) => ({ value, label: t("meetings.plan.minutes", { count: Number(value) }) }))} />
          </div>
        </div>
        <div className={styles.part}>
          <span className={styles.label}>{t("meetings.plan.with")}</span>
          <ConversationChoice ws={ws} chosen={conversation === "" ? "none" : conversation} onChoose={setConversation} />
        </div>
        {problem && !ofName && <ErrorNote problem={problem} />}
      </form>
    </Dialog>
  );
}

function Planned({ planned, onClose }: { planned: PlannedMeeting; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const runtime = useRuntime();
  return (
    <Dialog
      open onClose={onClose} size="sm" title={t("meetings.plan.done")} description={full(Number(planned.startUnixMs), i18n.language)}
      actions={<><CopyButton text={formatMeetingLink({ conversation: planned.conversationId, planned: planned.id })} copy={runtime.copyText} label={t("meetings.planned.copy")} /><Button kind="primary" onClick={onClose}>{t("action.close")}</Button></>}
    >
      <p className={styles.quiet}>{t("meetings.plan.doneText")}</p>
    </Dialog>
  );
}
