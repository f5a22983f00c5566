import { ArrowDown, ArrowUp, GripVertical, Trash2, UserPlus, UserRound } from "lucide-react";
import { useState, type DragEvent } from "react";
import { useTranslation } from "react-i18next";
import { PartyRole, PartySchema, type Party } from "../../../api";
import { create } from "@bufbuild/protobuf";
import { useMe } from "../../../live";
import { Button, CheckRow, cx, Empty, IconButton, Select } from "../../../ui";
import forms from "../forms.module.css";
import { AddPartyDialog, type NewParty } from "./AddPartyDialog";
import { acting, hue, isJoined, join, move, nextLabel, normalise } from "./order";
import styles from "./prepare.module.css";
import type { DraftEdit } from "./useDraft";

/** Who takes part, as what, and in which order. */
export function PartiesStep({ ws, edit, onNext }: { ws: string; edit: DraftEdit; onNext: () => void }) {
  const { t, i18n } = useTranslation();
  const { draft, change } = edit;
  const me = useMe(ws);
  // A party that somebody is chosen for, or a new one.
  const [adding, setAdding] = useState<Party | "new" | null>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const { parties } = draft;
  const set = (next: readonly Party[]) => change({ parties: normalise(next) });
  const add = (all: readonly NewParty[]) => {
    const next = [...parties];
    for (const one of all) {
      const id = Math.max(0, ...next.map((party) => party.id), ...draft.fields.map((field) => field.party)) + 1;
      const step = Math.max(0, ...next.map((party) => party.step)) + 1;
      next.push(create(PartySchema, { ...one, id, step, role: PartyRole.SIGNER, label: nextLabel(next, i18n.language) }));
    }
    set(next);
  };
  const remove = (id: number) => change({ parties: normalise(parties.filter((party) => party.id !== id)), fields: draft.fields.filter((field) => field.party !== id) });
  const patch = (id: number, with_: Partial<Omit<Party, "$typeName">>) => set(parties.map((party) => (party.id === id ? { ...party, ...with_ } : party)));
  const addMe = me && !parties.some((party) => party.personId === me.personId) && (
    <Button icon={<UserRound aria-hidden />} onClick={() => add([{ personId: me.personId, name: me.name, external: false, organization: "", isMe: true }])}>{t("contracts.parties.addMe")}</Button>
  );
  const addOthers = <Button kind={parties.length === 0 ? "primary" : "plain"} icon={<UserPlus aria-hidden />} onClick={() => setAdding("new")}>{t("contracts.parties.add")}</Button>;
  return (
    <div className={styles.body}>
      <div className={styles.narrow}>
        {parties.length === 0 ? (
          <Empty icon={<UserPlus />} title={t("contracts.parties.emptyTitle")} action={<span className={forms.row}>{addOthers}{addMe}</span>}>{t("contracts.parties.emptyText")}</Empty>
        ) : (
          <>
            <p className={forms.lead}>{t("contracts.parties.lead")}</p>
            <ol className={styles.parties} aria-label={t("contracts.prepare.parties")}>
              {parties.map((party, index) => (
                <PartyRow
                  key={party.id} party={party} parties={parties} index={index} onPatch={(with_) => patch(party.id, with_)} onRemove={() => remove(party.id)} onWho={() => setAdding(party)}
                  onMove={(to) => set(move(parties, index, to))} onJoin={(joined) => set(join(parties, index, joined))}
                  drag={{
                    active: dragged === index,
                    onStart: () => setDragged(index),
                    onOver: (event) => dragged !== null && dragged !== index && event.preventDefault(),
                    onDrop: () => {
                      if (dragged !== null && dragged !== index) set(move(parties, dragged, index));
                      setDragged(null);
                    },
                    onEnd: () => setDragged(null),
                  }}
                />
              ))}
            </ol>
            <div className={forms.row}>{addOthers}{addMe}</div>
          </>
        )}
      </div>
      <footer className={styles.foot}><Button kind="primary" size="lg" disabled={parties.length === 0} onClick={onNext}>{t("contracts.parties.next")}</Button></footer>
      {adding !== null && (
        <AddPartyDialog
          ws={ws} without={parties.map((party) => party.personId).filter((id) => id !== "")} whom={adding === "new" ? undefined : adding.label || adding.name} onClose={() => setAdding(null)}
          onAdd={(all) => (adding === "new" ? add(all) : all[0] && patch(adding.id, all[0]))}
        />
      )}
    </div>
  );
}

interface Drag {
  readonly active: boolean;
  readonly onStart: () => void;
  readonly onOver: (event: DragEvent) => void;
  readonly onDrop: () => void;
  readonly onEnd: () => void;
}

function PartyRow({ party, parties, index, onPatch, onRemove, onWho, onMove, onJoin, drag }: {
  party: Party;
  parties: readonly Party[];
  index: number;
  onPatch: (with_: Partial<Omit<Party, "$typeName">>) => void;
  onRemove: () => void;
  onWho: () => void;
  onMove: (to: number) => void;
  onJoin: (joined: boolean) => void;
  drag: Drag;
}) {
  const { t } = useTranslation();
  const joined = isJoined(parties, index);
  const many = parties.filter(acting);
  const roles = [["signer", PartyRole.SIGNER], ["approver", PartyRole.APPROVER], ["viewer", PartyRole.VIEWER], ["copy", PartyRole.COPY]] as const;
  const role = roles.find(([, value]) => value === party.role)?.[0] ?? "signer";
  return (
    <li className={cx(styles.party, joined && styles.joined)} data-dragged={drag.active ? "" : undefined} onDragOver={drag.onOver} onDrop={drag.onDrop}>
      <span className={styles.grip} draggable onDragStart={drag.onStart} onDragEnd={drag.onEnd} aria-hidden title={t("contracts.parties.drag")}><GripVertical /></span>
      <span className={styles.number} data-hue={hue(parties, party.id)}>{acting(party) ? party.step : "–"}</span>
      <div className={styles.partyWords}>
        {party.personId === "" && !party.external ? <Button kind="primary" icon={<UserPlus aria-hidden />} onClick={onWho}>{t("contracts.parties.who", { label: party.label || party.name })}</Button> : <b><bdi>{party.name}</bdi></b>}
        {party.external ? <small>{t("contracts.parties.external")}</small> : party.isMe ? <small>{t("contracts.party.me")}</small> : null}
        {index > 0 && acting(party) && many.length > 1 && acting(parties[index - 1]!) && <CheckRow label={t("contracts.parties.together", { name: parties[index - 1]!.name })} checked={joined} onChange={onJoin} />}
      </div>
      <input className={styles.label} value={party.label} placeholder={t("contracts.parties.label")} aria-label={t("contracts.parties.labelOf", { name: party.name })} maxLength={40} onChange={(event) => onPatch({ label: event.target.value })} />
      <Select
        label={t("contracts.parties.roleOf", { name: party.name })} value={role} options={roles.map(([key]) => ({ value: key, label: t(`contracts.role.${key}`), note: t(`contracts.role.${key}Note`) }))}
        onChange={(next) => onPatch({ role: roles.find(([key]) => key === next)![1], step: party.step || parties.length + 1 })}
      />
      <span className={styles.partyDeeds}>
        <IconButton label={t("contracts.parties.up", { name: party.name })} disabled={index === 0 || !acting(party)} onClick={() => onMove(index - 1)}><ArrowUp /></IconButton>
        <IconButton label={t("contracts.parties.down", { name: party.name })} disabled={!acting(party) || index >= many.length - 1} onClick={() => onMove(index + 1)}><ArrowDown /></IconButton>
        <IconButton label={t("contracts.parties.remove", { name: party.name })} onClick={onRemove}><Trash2 /></IconButton>
      </span>
    </li>
  );
}
