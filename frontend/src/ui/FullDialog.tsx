import { Dialog as Base } from "@base-ui/react/dialog";
import type { KeyboardEvent, ReactNode } from "react";
import styles from "./FullDialog.module.css";
import { usePortalRoot } from "./Night";

/** Takes the whole window, dark by itself in both themes: for looking at one thing. `title` stands where the head has it, too. */
export function FullDialog({ title, onClose, onKeyDown, children }: { title: string; onClose: () => void; onKeyDown?: (event: KeyboardEvent) => void; children: ReactNode }) {
  return (
    <Base.Root open onOpenChange={(next) => !next && onClose()}>
      <Base.Portal container={usePortalRoot()}>
        <Base.Popup className={styles.popup} data-theme="dark" aria-label={title} onKeyDown={onKeyDown}>{children}</Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
