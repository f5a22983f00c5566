import { X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Contract } from "../../../api";
import { IconButton } from "../../../ui";
import { Archive } from "./Archive";
import styles from "./contract.module.css";
import { Documents } from "./Documents";
import { Parties } from "./Parties";
import { Timeline } from "./Timeline";

/** What is known of a contract beside its pages. */
export function Side({ ws, contract, onClose }: { ws: string; contract: Contract; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <section className={styles.side} aria-label={t("contracts.side.about")}>
      <header className={styles.sideHead}>
        <h2>{t("contracts.side.about")}</h2>
        <IconButton label={t("action.close")} onClick={onClose}><X /></IconButton>
      </header>
      <Parties ws={ws} contract={contract} />
      <Documents ws={ws} contract={contract} />
      <Timeline contract={contract} />
      <Archive contract={contract} />
    </section>
  );
}
