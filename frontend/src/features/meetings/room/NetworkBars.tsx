import { Popover } from "@base-ui/react/popover";
import { useTranslation } from "react-i18next";
import { NetworkQuality, type CallParticipant } from "../../../api";
import { cx, usePortalRoot } from "../../../ui";
import { bars, networkWords, wayWords } from "../words";
import styles from "./bars.module.css";

/** Three bars, and behind them the reason in words. */
export function NetworkBars({ person, name, className }: { person: CallParticipant; name: string; className?: string }) {
  const { t } = useTranslation();
  const root = usePortalRoot();
  const full = bars(person.network);
  const words = networkWords(person, t);
  const way = wayWords(person, t);
  return (
    <Popover.Root>
      <Popover.Trigger openOnHover className={cx(styles.bars, className)} data-quality={full} aria-label={t("meetings.network.label", { name, words })}>
        {[1, 2, 3].map((bar) => <i key={bar} data-full={bar <= full ? "" : undefined} />)}
        {person.network === NetworkQuality.LOST && <b aria-hidden>×</b>}
      </Popover.Trigger>
      <Popover.Portal container={root}>
        <Popover.Positioner side="top" sideOffset={6} className={styles.positioner}>
          <Popover.Popup className={styles.popup}>
            <p>{words}</p>
            {way !== "" && <p className={styles.way}>{way}</p>}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
