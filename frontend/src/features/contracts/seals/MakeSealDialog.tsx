import { create } from "@bufbuild/protobuf";
import { useMutation, useQuery } from "@tanstack/react-query";
import { ImageUp } from "lucide-react";
import { useDeferredValue, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { problemOf, SealDesignSchema } from "../../../api";
import { useApi, useMe, useRefreshSeals, useWorkspace } from "../../../live";
import { Button, Dialog, ErrorNote, Field, InfoNote, Segmented, SwitchRow, useSentence } from "../../../ui";
import forms from "../forms.module.css";
import { bringIn, chooseFile } from "../upload";
import { svgUrl } from "../sign/FillField";
import { KINDS } from "./SealCard";
import styles from "./seals.module.css";

type Kind = (typeof KINDS)[number][0];

/** A seal is designed, or taken from a picture, and seen as it will look before it is made. */
export function MakeSealDialog({ ws, canMake, onClose }: { ws: string; canMake: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const sentence = useSentence();
  const refresh = useRefreshSeals(ws);
  const workspace = useWorkspace(ws);
  const me = useMe(ws);
  const [kind, setKind] = useState<Kind>(canMake ? "round" : "personal");
  const [name, setName] = useState<string | null>(null);
  const [text, setText] = useState<string | null>(null);
  const [title, setTitle] = useState(t("contracts.makeSeal.titleDefault"));
  const [number, setNumber] = useState("");
  const [texture, setTexture] = useState(true);
  const [personal, setPersonal] = useState(!canMake);
  const [upload, setUpload] = useState("");
  const [threshold, setThreshold] = useState(0);
  const own = kind === "personal";
  const words = text ?? (own ? (me?.name ?? "") : (workspace?.name ?? ""));
  const called = name ?? (own ? t("contracts.makeSeal.nameOf", { name: words }) : title || words);
  const design = create(SealDesignSchema, { kind: KINDS.find(([key]) => key === kind)![1], text: words, title: own ? "" : title, number: own ? "" : number, texture, uploadId: kind === "image" ? upload : "", threshold });
  const asked = useDeferredValue(JSON.stringify({ ...design, $typeName: undefined }));
  const preview = useQuery({
    queryKey: ["seal_preview", kind, asked], queryFn: ({ signal }) => api.seals.previewSeal(create(SealDesignSchema, JSON.parse(asked) as object), { signal }),
    // While one types, the seal as it was; never one of another kind.
    enabled: kind !== "image" || upload !== "", placeholderData: (before, query) => (query?.queryKey[1] === kind ? before : undefined), gcTime: 30_000, retry: false,
  });
  const bring = useMutation({ mutationFn: (file: File) => bringIn(api, file), onSuccess: setUpload });
  const make = useMutation({
    mutationFn: () => api.seals.makeSeal({ workspaceId: ws, name: called, design, personal: personal || !canMake }),
    onSuccess: () => {
      refresh();
      onClose();
    },
  });
  const problem = preview.error ? problemOf(preview.error) : null;
  const ready = called.trim() !== "" && !problem && (kind === "image" ? upload !== "" : words.trim() !== "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !make.isPending) make.mutate();
  };
  return (
    <Dialog
      open onClose={onClose} size="lg" title={t("contracts.seals.make")}
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" type="submit" form="make-seal" disabled={!ready} busy={make.isPending}>{t("contracts.seals.make")}</Button></>}
    >
      <form id="make-seal" className={styles.make} onSubmit={submit}>
        <div className={forms.form}>
          <Segmented label={t("contracts.makeSeal.kind")} value={kind} onChange={setKind} options={KINDS.map(([value]) => ({ value, label: t(`contracts.sealKind.${value}`) }))} />
          {kind === "image" ? (
            <div className={forms.field}>
              <Button icon={<ImageUp aria-hidden />} busy={bring.isPending} onClick={() => chooseFile("image/png,image/jpeg", (file) => bring.mutate(file))}>{t("contracts.makeSeal.choose")}</Button>
              <p className={forms.hint}>{t("contracts.makeSeal.imageHint")}</p>
              {bring.error !== null && <ErrorNote cause={bring.error} />}
              {upload !== "" && (
                <>
                  <label htmlFor="seal-threshold">{t("contracts.makeSeal.threshold")}</label>
                  <input id="seal-threshold" className={styles.range} type="range" min={0} max={100} value={threshold} aria-valuetext={threshold === 0 ? t("contracts.makeSeal.auto") : String(threshold)} onChange={(event) => setThreshold(Number(event.target.value))} />
                </>
              )}
            </div>
          ) : (
            <>
              <Field label={own ? t("contracts.makeSeal.person") : t("contracts.makeSeal.organization")} value={words} maxLength={60} onChange={(event) => setText(event.target.value)} />
              {!own && <Field label={t("contracts.makeSeal.title")} hint={t("contracts.makeSeal.titleHint")} value={title} maxLength={30} onChange={(event) => setTitle(event.target.value)} />}
              {!own && <Field label={t("contracts.makeSeal.number")} value={number} maxLength={20} onChange={(event) => setNumber(event.target.value)} />}
            </>
          )}
          <Field label={t("contracts.makeSeal.name")} hint={t("contracts.makeSeal.nameHint")} value={called} maxLength={80} onChange={(event) => setName(event.target.value)} />
          <SwitchRow label={t("contracts.makeSeal.texture")} checked={texture} onChange={setTexture} />
          {canMake && <SwitchRow label={t("contracts.makeSeal.personal")} hint={t("contracts.makeSeal.personalHint")} checked={personal} onChange={setPersonal} />}
          {!canMake && <InfoNote>{t("contracts.makeSeal.onlyPersonal")}</InfoNote>}
          {kind !== "personal" && <p className={forms.hint}>{t("contracts.makeSeal.law")}</p>}
          {make.error !== null && <ErrorNote cause={make.error} />}
        </div>
        <div className={styles.preview}>
          <div className={styles.paper}>{problem ? sentence(problem) : preview.data && (kind !== "image" || upload !== "") ? <img src={svgUrl(preview.data.svg)} alt={t("contracts.makeSeal.preview")} /> : t("contracts.makeSeal.noPreview")}</div>
          {preview.data && <small>{`${preview.data.widthMm} × ${preview.data.heightMm} mm`}</small>}
        </div>
      </form>
    </Dialog>
  );
}
