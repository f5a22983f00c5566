import { Lock } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Card } from "../../api";
import styles from "./card.module.css";
import type { Hideable } from "./recordDraft";

const phones = (all: readonly string[]): ReactNode => (all.length === 0 ? "" : all.map((phone) => <a key={phone} className={styles.line} href={`tel:${phone.replace(/[^\d+]/g, "")}`}>{phone}</a>));
const mail = (address: string): ReactNode => (address === "" ? "" : <a href={`mailto:${address}`}>{address}</a>);

/** Says that not everybody sees what stands above it. */
function OnlySome({ level }: { level: string }) {
  const { t } = useTranslation();
  return <small className={styles.only}><Lock aria-hidden />{t(level === "leads" ? "directory.onlyLeads" : "directory.onlyAdministrators")}</small>;
}

/** What is known about somebody: the office's word, and beside it the person's own where it differs. */
export function CardFacts({ card, onPerson, children }: { card: Card; onPerson: (key: string) => void; children: ReactNode }) {
  const { t } = useTranslation();
  const fact = (name: string, value: ReactNode, own?: string) => (value !== "" || (own !== undefined && own !== "")) && (
    <div>
      <dt>{name}</dt>
      <dd dir="auto">{value}{own !== undefined && own !== "" && <small className={styles.own}>{own}{card.recordId !== "" && <> · {t("directory.ownWord")}</>}</small>}</dd>
    </div>
  );
  const veil = (field: Hideable) => card.hidden.find((hidden) => hidden.field === field);
  // Who may not see a field is told that there is one, and whom to ask; what one says of oneself is open anyway.
  const hides = (field: "phones" | "email" | "place", name: string) => {
    const hidden = veil(field);
    if (!hidden) return null;
    const shown = { phones: phones(hidden.values), email: mail(hidden.values[0] ?? ""), place: hidden.values[0] ?? "" }[field];
    return fact(name, <>{hidden.open ? shown : <span className={styles.closed}>{t("directory.closed")}</span>}<OnlySome level={hidden.level} /></>, field === "phones" ? card.ownPhone : field === "email" ? card.ownEmail : undefined);
  };
  const where = card.posts.filter((post) => post.department !== "");
  return (
    <>
      <dl className={styles.facts}>
        {where.length > 0 && fact(t("directory.department"), where.map((post) => (
          <span key={post.departmentId + post.department} className={styles.post}>{post.path.length > 0 ? post.path.join(" / ") : post.department}{post.lead && ` · ${t("directory.lead")}`}</span>
        )))}
        {fact(t("directory.number"), card.number)}
        {hides("phones", t("directory.phone")) ?? fact(t("directory.phone"), phones(card.phones), card.ownPhone)}
        {hides("email", t("directory.email")) ?? fact(t("directory.email"), mail(card.email), card.ownEmail)}
        {hides("place", t("directory.place")) ?? fact(t("directory.place"), card.place)}
        {card.managerKey !== "" && fact(t("directory.manager"), <button type="button" className={styles.link} onClick={() => onPerson(card.managerKey)}><bdi>{card.managerName}</bdi></button>)}
        {card.reports > 0 && fact(t("directory.reports"), t("directory.count", { count: card.reports }))}
        {children}
      </dl>
      {veil("note") && <section className={styles.noteBox} aria-label={t("directory.note")}><h3><Lock aria-hidden />{t("directory.note")}</h3><p dir="auto">{veil("note")!.open ? veil("note")!.values.join("\n") : t("directory.closed")}</p><OnlySome level={veil("note")!.level} /></section>}
      {card.note !== "" && <section className={styles.noteBox} aria-label={t("directory.note")}><h3>{t("directory.note")}</h3><p dir="auto">{card.note}</p></section>}
      {card.canSeePrivate && card.hasPrivate && (
        <section className={styles.noteBox} aria-label={t("directory.private")}><h3><Lock aria-hidden />{t("directory.private")}</h3><p dir="auto">{card.private}</p></section>
      )}
    </>
  );
}
