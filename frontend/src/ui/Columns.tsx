import { Dialog as Base } from "@base-ui/react/dialog";
import { createContext, useContext, useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useMedia } from "../lib/media";
import styles from "./Columns.module.css";

interface Frame {
  /** Above the list of every place: the workspace and the search. */
  readonly top: ReactNode;
  /** Below it: the truth about connections. */
  readonly foot: ReactNode;
}

const FrameContext = createContext<Frame>({ top: null, foot: null });
export const ColumnsFrame = FrameContext.Provider;

interface ColumnsState {
  /** The list is a drawer on narrow windows. */
  readonly narrow: boolean;
  readonly openList: () => void;
  readonly closeList: () => void;
}

const StateContext = createContext<ColumnsState>({ narrow: false, openList: () => {}, closeList: () => {} });
export const useColumns = () => useContext(StateContext);

/** List, detail, context: three columns that fold. */
export function Columns({ name, list, children, context, emptyDetail }: {
  name: string;
  list: ReactNode;
  children: ReactNode;
  context?: ReactNode;
  /** Nothing is chosen: on narrow windows the list is the page. */
  emptyDetail?: boolean;
}) {
  const { t } = useTranslation();
  const frame = useContext(FrameContext);
  const narrow = useMedia("(max-width: 859px)");
  const [drawer, setDrawer] = useState(false);
  const state = useMemo(() => ({ narrow, openList: () => setDrawer(true), closeList: () => setDrawer(false) }), [narrow]);
  const column = (
    <>
      {frame.top}
      <div className={styles.scroll}>{list}</div>
      {frame.foot}
    </>
  );
  const asPage = narrow && emptyDetail === true;
  return (
    <StateContext.Provider value={state}>
      <div className={styles.columns} data-context={context ? "" : undefined}>
        {!narrow && <section aria-label={name} className={styles.list}>{column}</section>}
        {asPage && <main aria-label={name} className={styles.list} data-page="">{column}</main>}
        {narrow && !asPage && (
          <Base.Root open={drawer} onOpenChange={setDrawer}>
            <Base.Portal>
              <Base.Backdrop className={styles.veil} />
              <Base.Popup className={styles.drawer}>
                <Base.Title className={styles.hidden}>{name}</Base.Title>
                {column}
                <Base.Close className={styles.hidden}>{t("action.close")}</Base.Close>
              </Base.Popup>
            </Base.Portal>
          </Base.Root>
        )}
        {!asPage && <main className={styles.detail}>{children}</main>}
        {context && !asPage && <aside className={styles.context} aria-label={t("columns.details")}>{context}</aside>}
      </div>
    </StateContext.Provider>
  );
}
