import { Building, ChevronRight } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Department } from "../../api";
import { useTree } from "../../live";
import { cx, ErrorNote } from "../../ui";
import styles from "./directory.module.css";

/** Departments below one, each level asked for when it is opened. */
export function DepartmentTree({ ws, parent = "", level = 1, chosen, open, onChoose, hides }: {
  ws: string;
  parent?: string;
  level?: number;
  chosen: string;
  /** Opened from outside: the way to what is chosen. */
  open?: readonly string[];
  onChoose: (department: Department) => void;
  hides?: (department: Department) => boolean;
}) {
  const { data, error } = useTree(ws, parent);
  if (error) return <ErrorNote cause={error} />;
  return (
    <ul className={styles.departments} data-level={level}>
      {data?.departments.filter((department) => hides?.(department) !== true).map((department) => (
        <Branch key={department.id} ws={ws} department={department} level={level} chosen={chosen} open={open} onChoose={onChoose} hides={hides} />
      ))}
    </ul>
  );
}

function Branch({ ws, department, level, chosen, open, onChoose, hides }: {
  ws: string; department: Department; level: number; chosen: string; open: readonly string[] | undefined;
  onChoose: (department: Department) => void; hides: ((department: Department) => boolean) | undefined;
}) {
  const { t } = useTranslation();
  const [turned, setTurned] = useState<boolean | null>(null);
  const opened = department.children > 0 && (turned ?? open?.includes(department.id) ?? false);
  return (
    <li>
      <div className={styles.branch} style={{ paddingInlineStart: (level - 1) * 14 }}>
        {department.children > 0 ? (
          <button type="button" className={cx(styles.twist, opened && styles.twisted)} aria-expanded={opened} aria-label={t(opened ? "directory.fold" : "directory.unfold", { name: department.name })} onClick={() => setTurned(!opened)}>
            <ChevronRight aria-hidden />
          </button>
        ) : <span className={styles.twist} aria-hidden />}
        <button type="button" className={styles.department} aria-current={chosen === department.id ? "true" : undefined} title={department.name} onClick={() => onChoose(department)}>
          <Building aria-hidden />
          <span><bdi>{department.name}</bdi></span><small>{department.below}</small>
        </button>
      </div>
      {opened && <DepartmentTree ws={ws} parent={department.id} level={level + 1} chosen={chosen} open={open} onChoose={onChoose} hides={hides} />}
    </li>
  );
}
