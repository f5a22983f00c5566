import { useCallback, useEffect, useRef, useState } from "react";
import type { ContractDraft } from "../../../api";
import { useApi, useRefreshContracts } from "../../../live";

export type SaveState = "saved" | "saving" | "failed";

export interface DraftEdit {
  /** As it is on screen; problems and document are those of the last save. */
  readonly draft: ContractDraft;
  readonly state: SaveState;
  readonly error: unknown;
  readonly change: (patch: Partial<Omit<ContractDraft, "$typeName">>) => void;
  /** Resolves when all of it is on disk; throws when it could not be saved. */
  readonly flush: () => Promise<void>;
}

const PAUSE_MS = 350;

/** Keeps a draft on disk while it is edited. "Saved" is said when the program answered that it is. */
export function useDraft(read: ContractDraft): DraftEdit {
  const api = useApi();
  const refresh = useRefreshContracts();
  const [draft, setDraft] = useState(read);
  const [saving, setSaving] = useState<{ state: SaveState; error: unknown }>({ state: "saved", error: null });
  const newest = useRef(draft);
  const dirty = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const running = useRef<Promise<void> | null>(null);

  const save = useCallback(async () => {
    clearTimeout(timer.current);
    // One after the other, and always the newest: an answer of before never overwrites what was typed since.
    while (running.current) await running.current.catch(() => {});
    if (!dirty.current) return;
    dirty.current = false;
    const run = api.contracts.saveDraft(newest.current).then((answer) => {
      newest.current = { ...newest.current, problems: answer.problems, changedUnixMs: answer.changedUnixMs };
      setDraft(newest.current);
      setSaving({ state: dirty.current ? "saving" : "saved", error: null });
      refresh();
    }, (error: unknown) => {
      dirty.current = true;
      setSaving({ state: "failed", error });
      throw error;
    });
    running.current = run.finally(() => (running.current = null));
    await running.current;
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [api]);

  const change = useCallback((patch: Partial<Omit<ContractDraft, "$typeName">>) => {
    newest.current = { ...newest.current, ...patch };
    dirty.current = true;
    setDraft(newest.current);
    setSaving({ state: "saving", error: null });
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void save().catch(() => {}), PAUSE_MS);
  }, [save]);

  // Whoever goes away has what was typed last saved, too.
  useEffect(() => {
    const leave = () => void save().catch(() => {});
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      leave();
    };
  }, [save]);
  return { draft, state: saving.state, error: saving.error, change, flush: save };
}
