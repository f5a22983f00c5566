import { useMutation } from "@tanstack/react-query";
import { Archive as ArchiveIcon, ArchiveRestore } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ContractState, type Contract } from "../../../api";
import { useApi, useShowContract } from "../../../live";
import { Button, ErrorNote, Field } from "../../../ui";
import { endOfDay, toDay } from "../dates";
import { date, useSpeech } from "../words";
import styles from "./contract.module.css";

/** Tags, how long it is kept and when its obligations end: notes of this device alone. */
export function Archive({ contract }: { contract: Contract }) {
  const { t } = useTranslation();
  const { language } = useSpeech();
  const api = useApi();
  const show = useShowContract();
  const [tags, setTags] = useState(contract.tags.join(language === "zh" ? "、" : ", "));
  const [retain, setRetain] = useState(toDay(contract.retainUntilUnixMs));
  const [ends, setEnds] = useState(toDay(contract.endsUnixMs));
  const list = tags.split(/[、,，;；\n]/u).map((tag) => tag.trim()).filter((tag) => tag !== "");
  // The program keeps them in an order of its own.
  const same = (some: readonly string[]) => [...new Set(some)].sort().join("\n");
  const changed = same(list) !== same(contract.tags) || retain !== toDay(contract.retainUntilUnixMs) || ends !== toDay(contract.endsUnixMs);
  const save = useMutation({
    mutationFn: (archived: boolean) => api.contracts.setContractArchive({ contractId: contract.id, tags: list, archived, retainUntilUnixMs: endOfDay(retain), endsUnixMs: endOfDay(ends) }),
    onSuccess: show,
  });
  const over = contract.state !== ContractState.RUNNING;
  return (
    <div className={styles.block}>
      <h3>{t("contracts.side.archive")}</h3>
      <p className={styles.quiet}>{t("contracts.archive.text")}</p>
      <Field label={t("contracts.archive.tags")} hint={t("contracts.archive.tagsHint")} value={tags} onChange={(event) => setTags(event.target.value)} />
      <Field type="date" label={t("contracts.archive.ends")} hint={t("contracts.archive.endsHint")} value={ends} onChange={(event) => setEnds(event.target.value)} />
      <Field type="date" label={t("contracts.archive.retain")} hint={contract.retainUntilUnixMs > 0n ? t("contracts.archive.retained", { date: date(Number(contract.retainUntilUnixMs), language) }) : t("contracts.archive.retainHint")} value={retain} onChange={(event) => setRetain(event.target.value)} />
      {changed && <Button kind="primary" busy={save.isPending} onClick={() => save.mutate(contract.archived)}>{t("action.save")}</Button>}
      {over && !changed && (
        <Button icon={contract.archived ? <ArchiveRestore aria-hidden /> : <ArchiveIcon aria-hidden />} busy={save.isPending} onClick={() => save.mutate(!contract.archived)}>
          {contract.archived ? t("contracts.archive.out") : t("contracts.archive.in")}
        </Button>
      )}
      {save.error !== null && <ErrorNote cause={save.error} />}
    </div>
  );
}
