import { createContext, useContext, useState, type ComponentPropsWithRef } from "react";
import { cx } from "./cx";
import styles from "./Night.module.css";

const Root = createContext<HTMLElement | null>(null);

/** Where menus and dialogs are put: inside of what is dark by itself, else at the end of the page. */
export function usePortalRoot(): HTMLElement | undefined {
  return useContext(Root) ?? undefined;
}

/** A part of the screen that is dark in both themes, with everything that opens from it. */
export function Night({ className, children, ...rest }: ComponentPropsWithRef<"div">) {
  const [root, setRoot] = useState<HTMLElement | null>(null);
  return (
    <div {...rest} data-theme="dark" className={cx(styles.night, className)}>
      <Root value={root}>{children}</Root>
      <div ref={setRoot} className={styles.root} />
    </div>
  );
}
