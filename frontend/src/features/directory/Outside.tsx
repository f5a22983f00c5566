import { useMutation } from "@tanstack/react-query";
import { Link2, Ticket, UserSearch } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Card } from "../../api";
import { useApi } from "../../live";
import { Button, Confirm, ErrorNote, InfoNote } from "../../ui";
import { BindDialog } from "./BindDialog";
import styles from "./card.module.css";
import { CodesDialog } from "./CodesDialog";

/** For a record whose person is not in the workspace: a code, or the member who it is. */
export function Outside({ ws, card }: { ws: string; card: Card }) {
  const { t } = useTranslation();
  const api = useApi();
  const [codes, setCodes] = useState(false);
  const [looking, setLooking] = useState(false);
  const [same, setSame] = useState<{ personId: string; name: string } | null>(null);
  const bind = useMutation({
    mutationFn: (personId: string) => api.directory.bindRecord({ workspaceId: ws, id: card.recordId, personId }),
    onSuccess: () => setSame(null),
  });
  return (
    <>
      <InfoNote>{t("directory.notJoinedText")}{card.canChange && card.codes > 0 && ` ${t("directory.codesOpen", { count: card.codes })}`}</InfoNote>
      {card.canChange && <Button kind="primary" size="lg" className={styles.big} icon={<Ticket aria-hidden />} onClick={() => setCodes(true)}>{t("directory.makeCode")}</Button>}
      {card.alike.map((person) => (
        <Button key={person.personId} className={styles.big} icon={<Link2 aria-hidden />} onClick={() => setSame(person)}>{t("directory.alike", { name: person.name })}</Button>
      ))}
      {card.canChange && <Button className={styles.big} icon={<UserSearch aria-hidden />} onClick={() => setLooking(true)}>{t("directory.bindByHand")}</Button>}
      {looking && <BindDialog ws={ws} card={card} onClose={() => setLooking(false)} />}
      {codes && <CodesDialog ws={ws} record={card} onClose={() => setCodes(false)} />}
      <Confirm
        open={same !== null} onClose={() => setSame(null)} title={t("directory.bindTitle", { name: same?.name ?? "" })} action={t("directory.bind")} busy={bind.isPending}
        onConfirm={() => same && bind.mutate(same.personId)} error={bind.error ? <ErrorNote cause={bind.error} /> : undefined}
      >
        {t("directory.bindText", { name: same?.name ?? "", record: card.name })}
      </Confirm>
    </>
  );
}
