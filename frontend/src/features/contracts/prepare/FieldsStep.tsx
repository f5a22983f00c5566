import { create } from "@bufbuild/protobuf";
import { Redo2, Undo2 } from "lucide-react";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { ContractFieldSchema, FieldType, PartyRole, type ContractField } from "../../../api";
import { nonce } from "../../../lib/nonce";
import { Button, Empty, IconButton } from "../../../ui";
import { PdfView, type PdfHandle } from "../../../ui/pdf";
import type { PdfState } from "../../../ui/pdf";
import { FieldBox } from "./FieldBox";
import { FieldProperties } from "./FieldProperties";
import styles from "./fields.module.css";
import { centred, copies, freePlace } from "./geometry";
import { begin, push, redo, undo, type History } from "./history";
import { hue } from "./order";
import { Palette } from "./Palette";
import prepare from "./prepare.module.css";
import type { DraftEdit } from "./useDraft";

type Lines = { readonly page: number; readonly vertical: number | null; readonly horizontal: number | null };

/** Puts fields on pages. Everything goes by pointer and by keyboard. */
export function FieldsStep({ edit, pdf, at, onNext, onParties }: { ws: string; edit: DraftEdit; pdf: PdfState; at: string | undefined; onNext: () => void; onParties: () => void }) {
  const { t } = useTranslation();
  const { draft, change } = edit;
  const signers = draft.parties.filter((party) => party.role === PartyRole.SIGNER);
  const [history, setHistory] = useState<History<readonly ContractField[]>>(() => begin(draft.fields));
  const [chosen, setChosen] = useState<string | null>(() => draft.fields.find((field) => field.id === at)?.id ?? null);
  const [party, setParty] = useState<number>(() => signers.find((one) => String(one.id) === at)?.id ?? signers[0]?.id ?? 0);
  const [lines, setLines] = useState<Lines | null>(null);
  const handle = useRef<PdfHandle>(null);
  const root = useRef<HTMLDivElement>(null);
  const fields = history.now;
  const field = fields.find((one) => one.id === chosen);
  const sizes = pdf.state === "ready" ? pdf.pdf.sizes : [];

  const take = (next: History<readonly ContractField[]>) => {
    setHistory(next);
    if (next.now !== fields) change({ fields: [...next.now] });
  };
  const set = (next: readonly ContractField[], kind = "") => take(push(history, next, kind));
  const patch = (id: string, with_: Partial<Omit<ContractField, "$typeName">>, kind = "") => set(fields.map((one) => (one.id === id ? { ...one, ...with_ } : one)), kind);
  const focus = useRef<string | null>(null);
  useEffect(() => {
    if (focus.current === null) return;
    root.current?.querySelector<HTMLElement>(`[data-field="${focus.current}"]`)?.focus({ preventScroll: true });
    focus.current = null;
  });
  const add = (type: FieldType, page: number, point?: { x: number; y: number }) => {
    const size = sizes[page - 1];
    if (!size || party === 0) return;
    const box = point ? centred(type, point.x, point.y, size) : freePlace(type, fields.filter((one) => one.page === page), size);
    const made = create(ContractFieldSchema, { id: `f${nonce().slice(0, 10)}`, type, party, page, ...box, required: type !== FieldType.CHECKBOX && type !== FieldType.ATTACHMENT });
    set([...fields, made]);
    setChosen(made.id);
    focus.current = made.id;
  };
  const remove = (id: string) => {
    set(fields.filter((one) => one.id !== id));
    setChosen(null);
  };
  const onKey = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return;
    const key = event.key.toLowerCase();
    if (key === "z" || key === "y") {
      event.preventDefault();
      take(key === "y" || event.shiftKey ? redo(history) : undo(history));
    }
  };
  // From a sentence about a field one comes to it.
  const ready = pdf.state === "ready";
  useEffect(() => {
    if (ready && field) handle.current?.show(field.page, field.y);
    // Only when one comes here.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [ready]);
  const boxes = useMemo(() => {
    const found = new Map<number, ContractField[]>();
    for (const one of fields) found.set(one.page, [...(found.get(one.page) ?? []), one]);
    return found;
  }, [fields]);

  if (signers.length === 0) {
    return <div className={prepare.body}><Empty title={t("contracts.fields.noSignerTitle")} action={<Button kind="primary" onClick={onParties}>{t("contracts.fields.toParties")}</Button>}>{t("contracts.fields.noSignerText")}</Empty></div>;
  }
  return (
    <div ref={root} className={styles.work} onKeyDown={onKey}>
      <Palette parties={draft.parties} signers={signers} party={party} fields={fields} onParty={setParty} ready={ready} onAdd={(type) => add(type, handle.current?.page() ?? 1)} onDrop={add} />
      <PdfView
        state={pdf} handle={handle} label={t("pdf.document", { name: draft.documentName })}
        tools={<>
          <IconButton label={t("contracts.fields.undo")} disabled={history.past.length === 0} onClick={() => take(undo(history))}><Undo2 /></IconButton>
          <IconButton label={t("contracts.fields.redo")} disabled={history.future.length === 0} onClick={() => take(redo(history))}><Redo2 /></IconButton>
          <Button kind="primary" onClick={onNext}>{t("contracts.fields.next")}</Button>
        </>}
        over={(number, size, scale) => (
          <>
            {lines?.page === number && lines.vertical !== null && <i className={styles.vertical} style={{ left: lines.vertical * scale }} />}
            {lines?.page === number && lines.horizontal !== null && <i className={styles.horizontal} style={{ top: lines.horizontal * scale }} />}
            {boxes.get(number)?.map((one) => (
              <FieldBox
                key={one.id} field={one} party={draft.parties.find((candidate) => candidate.id === one.party)} hue={hue(draft.parties, one.party)} page={size} scale={scale} chosen={one.id === chosen}
                others={boxes.get(number)!.filter((other) => other.id !== one.id)} onChoose={() => setChosen(one.id)} onRemove={() => remove(one.id)}
                onBox={(box, kind) => patch(one.id, box, kind)} onLines={(found) => setLines(found && { page: number, ...found })}
              />
            ))}
          </>
        )}
      />
      <FieldProperties
        field={field} parties={draft.parties} signers={signers} pages={sizes.length} workspace={draft.workspaceId}
        onPatch={(with_, kind) => field && patch(field.id, with_, kind)} onRemove={() => field && remove(field.id)}
        onEverywhere={() => field && set([...fields, ...copies(field, fields, sizes, () => `f${nonce().slice(0, 10)}`)])}
      />
    </div>
  );
}
