import { useTranslation } from "react-i18next";
import { modifierKey } from "../../lib/platform";
import { useSettings } from "../../live";
import { Dialog, Kbd } from "../../ui";
import styles from "./Shell.module.css";

export function ShortcutList({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const enterSends = useSettings().data?.enterSends ?? true;
  const mod = modifierKey();
  const rows: [string, string[]][] = [
    [t("shortcuts.find"), [mod, "K"]],
    [t("shortcuts.messages"), [mod, "1"]],
    [t("shortcuts.directory"), [mod, "2"]],
    [t("shortcuts.folders"), [mod, "3"]],
    [t("shortcuts.meetings"), [mod, "4"]],
    [t("nav.contracts"), [mod, "5"]],
    [t("shortcuts.settings"), [mod, ","]],
    [t("shortcuts.send"), enterSends ? ["Enter"] : ["Shift", "Enter"]],
    [t("shortcuts.newline"), enterSends ? ["Shift", "Enter"] : ["Enter"]],
    [t("shortcuts.close"), ["Esc"]],
    [t("shortcuts.list"), [mod, "/"]],
    [t("shortcuts.inCall.microphone"), ["Alt", "M"]],
    [t("shortcuts.inCall.talk"), [t("shortcuts.space")]],
    [t("shortcuts.inCall.camera"), ["Alt", "V"]],
    [t("shortcuts.inCall.share"), ["Alt", "S"]],
    [t("shortcuts.inCall.hand"), ["Alt", "H"]],
    [t("shortcuts.inCall.view"), ["Alt", "G"]],
    [t("shortcuts.inCall.panels"), ["Alt", "P"]],
    [t("shortcuts.inCall.chat"), ["Alt", "C"]],
    [t("shortcuts.inCall.notes"), ["Alt", "N"]],
  ];
  return (
    <Dialog open={open} onClose={onClose} title={t("shortcuts.title")} size="sm">
      {/* Longer than low windows: by keyboard, too, one gets to its end. */}
      <dl className={styles.keys} tabIndex={0}>
        {rows.map(([words, keys]) => (
          <div key={words}><dt>{words}</dt><dd>{keys.map((key) => <Kbd key={key}>{key}</Kbd>)}</dd></div>
        ))}
      </dl>
    </Dialog>
  );
}
