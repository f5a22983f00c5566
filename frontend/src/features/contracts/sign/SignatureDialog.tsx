import { ImageUp } from "lucide-react";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { useHere } from "../../../lib/routes";
import { useSeals } from "../../../live";
import { Button, Choices, Dialog, Field, Segmented } from "../../../ui";
import { chooseFile } from "../upload";
import forms from "../forms.module.css";
import { SealPicture } from "../seals/SealPicture";
import type { Look } from "./look";
import { SignaturePad } from "./SignaturePad";
import styles from "./sign.module.css";
import { drawn, type Stroke } from "./strokes";

/** How a signature, or initials, look: drawn, typed or a picture. What makes it good is the key, and the dialog says so. */
export function SignatureDialog({ kind, name, look, onClose, onLook }: { kind: "signature" | "initials"; name: string; look: Look | null; onClose: () => void; onLook: (look: Look) => void }) {
  const { t } = useTranslation();
  const [way, setWay] = useState<Look["kind"]>(look?.kind ?? "drawn");
  const [strokes, setStrokes] = useState<readonly Stroke[]>([]);
  const [text, setText] = useState(look?.kind === "typed" ? look.text : kind === "initials" ? initials(name) : name);
  const [picture, setPicture] = useState<{ file: File; url: string } | null>(look?.kind === "image" ? look : null);
  // Name seals of one's own, where there are any.
  const seals = useSeals(useHere() ?? "").data?.seals.filter((seal) => seal.personal && seal.picture !== undefined) ?? [];
  const [seal, setSeal] = useState(look?.kind === "seal" ? look.sealId : "");
  const stamp = seals.find((one) => one.id === seal) ?? seals[0];
  const made = (): Look | null => {
    if (way === "seal") return stamp ? { kind: "seal", sealId: stamp.id, svg: stamp.picture!.svg } : null;
    if (way === "typed") return text.trim() === "" ? null : { kind: "typed", text: text.trim() };
    if (way === "image") return picture && { kind: "image", ...picture };
    const lines = drawn(strokes);
    return lines && { kind: "drawn", ...lines };
  };
  const ready = way === "typed" ? text.trim() !== "" : way === "image" ? picture !== null : way === "seal" ? stamp !== undefined : strokes.length > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const next = made();
    if (!next) return;
    onLook(next);
    onClose();
  };
  return (
    <Dialog
      open onClose={onClose} size="lg" title={t(`contracts.look.${kind}`)} description={t("contracts.look.text")}
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" type="submit" form="signature-look" disabled={!ready}>{t("contracts.look.use")}</Button></>}
    >
      <form id="signature-look" className={forms.form} onSubmit={submit}>
        <Segmented label={t("contracts.look.way")} value={way} onChange={setWay} options={(seals.length > 0 ? ["drawn", "typed", "image", "seal"] as const : ["drawn", "typed", "image"] as const).map((value) => ({ value, label: t(`contracts.look.${value}`) }))} />
        {way === "drawn" ? <SignaturePad label={t("contracts.look.pad")} strokes={strokes} onStrokes={setStrokes} />
          : way === "typed" ? (
            <>
              <Field autoFocus label={t("contracts.look.name")} value={text} maxLength={60} onChange={(event) => setText(event.target.value)} />
              <p className={styles.typed} aria-hidden>{text || " "}</p>
            </>
          ) : way === "seal" ? (
            <div className={forms.field}>
              {seals.length > 1 && <Choices label={t("contracts.look.seal")} value={stamp?.id ?? ""} onChange={setSeal} options={seals.map((one) => ({ value: one.id, label: one.name }))} />}
              <SealPicture seal={stamp} size={120} />
            </div>
          ) : (
            <div className={forms.field}>
              {picture && <img className={styles.picture} src={picture.url} alt={picture.file.name} />}
              <Button icon={<ImageUp aria-hidden />} onClick={() => chooseFile("image/png,image/jpeg", (file) => setPicture({ file, url: URL.createObjectURL(file) }))}>{t("contracts.look.choose")}</Button>
              <p className={forms.hint}>{t("contracts.look.imageHint")}</p>
            </div>
          )}
      </form>
    </Dialog>
  );
}

function initials(name: string): string {
  if (/\p{Script=Han}/u.test(name)) return [...name.trim()][0] ?? "";
  return name.split(/\s+/u).map((word) => [...word][0] ?? "").join("").toUpperCase();
}
