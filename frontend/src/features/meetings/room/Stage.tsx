import { ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useMemo, useRef, useState, type CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import type { CallState } from "../../../api";
import { IconButton } from "../../../ui";
import { useLocal, useSession } from "../context";
import { usePersonNames } from "../words";
import { arrange, sourceKey, withSpeaker, type TileRef, type View } from "./arrange";
import { GAP, gridOf, pageOf, pageSize } from "./layout";
import styles from "./stage.module.css";
import { Tile } from "./Tile";
import { SourceKind } from "../../../api";
import { useEmoji } from "./useEmoji";

/** Where everybody is seen. */
export function Stage({ state, view, pinned, onPin }: { state: CallState; view: View; pinned: string | null; onPin: (key: string | null) => void }) {
  const { t } = useTranslation();
  const { streams } = useSession();
  const { camera, screen } = useLocal();
  const nameOf = usePersonNames(state);
  const emoji = useEmoji(state.reactions);
  const { frame, width, height } = useSize();
  const [page, setPage] = useState(0);
  const self = state.selfId;
  const people = useMemo(() => new Map(state.participants.map((one) => [one.deviceId, one])), [state.participants]);
  const { big, others } = arrange(state.participants, { self, view, pinned, speaker: state.speakerId });
  // Wide windows have the others beside the large picture, tall ones below it.
  const beside = width > height * 1.2;
  const strip = big && others.length > 0 ? (beside ? Math.min(Math.max(width * 0.18, 150), 240) : Math.min(Math.max(height * 0.18, 84), 130)) : 0;
  const stripTile = beside ? { width: strip, height: (strip * 9) / 16 } : { width: (strip * 16) / 9, height: strip };
  const size = big ? Math.max(Math.floor(((beside ? height : width) + GAP) / ((beside ? stripTile.height : stripTile.width) + GAP)), 1) : pageSize(others.length, width, height);
  const paged = others.length > size;
  const { shown, page: at, pages } = pageOf(page === 0 ? withSpeaker(others, size, state.speakerId) : others, size, page);
  const grid = gridOf(big ? 1 : shown.length, width, height);

  const tile = (ref: TileRef, isBig: boolean) => {
    const person = people.get(ref.device)!;
    const isSelf = ref.device === self;
    const isScreen = ref.kind === SourceKind.SCREEN;
    return (
      <Tile
        person={person} name={nameOf(person)} kind={ref.kind} isSelf={isSelf} stream={streams.get(sourceKey(ref.device, ref.kind))} track={isScreen ? screen : camera}
        speaks={!isScreen && person.microphone && person.speaks} big={isBig} pinned={pinned === ref.key} emoji={isScreen ? "" : (emoji.get(ref.device) ?? "")}
        onPin={() => onPin(pinned === ref.key ? null : ref.key)}
      />
    );
  };
  const box = (w: number, h: number): CSSProperties => ({ width: Math.floor(w), height: Math.floor(h) });
  return (
    <section className={styles.stage} aria-label={t("meetings.stage")}>
      <div ref={frame} className={styles.frame} data-beside={beside ? "" : undefined}>
        {width > 0 && big && <div className={styles.big} key={big.key}>{tile(big, true)}</div>}
        {width > 0 && (
          <ul className={big ? styles.strip : styles.grid} style={big ? undefined : { width: grid.cols * (grid.width + GAP) }}>
            {shown.map((ref) => <li key={ref.key} style={big ? box(stripTile.width, stripTile.height) : box(grid.width, grid.height)}>{tile(ref, false)}</li>)}
          </ul>
        )}
      </div>
      {paged && (
        <nav className={styles.pages} aria-label={t("meetings.pages.label")}>
          <IconButton label={t("meetings.pages.before")} disabled={at === 0} onClick={() => setPage(at - 1)}><ChevronLeft /></IconButton>
          <span>{t("meetings.pages.at", { page: at + 1, pages })}</span>
          <IconButton label={t("meetings.pages.next")} disabled={at + 1 >= pages} onClick={() => setPage(at + 1)}><ChevronRight /></IconButton>
        </nav>
      )}
    </section>
  );
}

function useSize() {
  const frame = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => entry && setSize({ width: Math.floor(entry.contentRect.width), height: Math.floor(entry.contentRect.height) }));
    observer.observe(frame.current!);
    return () => observer.disconnect();
  }, []);
  return { frame, ...size };
}
