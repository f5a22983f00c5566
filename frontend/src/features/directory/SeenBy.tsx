import { Eye, Lock } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Select } from "../../ui";
import styles from "./card.module.css";
import { LEVELS, type Hideable, type Level } from "./recordDraft";

/** Who sees one field of a record, under the field itself. */
export function SeenBy({ field, level, onLevel }: { field: Hideable; level: Level; onLevel: (level: Level) => void }) {
  const { t } = useTranslation();
  return (
    <div className={styles.seenBy}>
      {level === "everybody" ? <Eye aria-hidden /> : <Lock aria-hidden />}
      <Select label={t("directory.seenBy", { field: t(`directory.fields.${field}`) })} value={level} onChange={onLevel}
        options={LEVELS.map((value) => ({ value, label: t(`directory.level.${value}`), note: t(`directory.levelNote.${value}`) }))} />
    </div>
  );
}
