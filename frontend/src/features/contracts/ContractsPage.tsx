import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ContractBox } from "../../api";
import type { ContractPlace } from "../../lib/routes";
import { useGo } from "../../lib/routes";
import { useContracts, useWorkspace } from "../../live";
import { Columns, ErrorNote, Waiting } from "../../ui";
import { CertificatesPage } from "./certificates/CertificatesPage";
import { ContractSide, ContractView } from "./contract/ContractView";
import { ConvertedDialog } from "./ConvertedDialog";
import { DropDialog } from "./DropDialog";
import { ContractList } from "./list/ContractList";
import { Home } from "./list/Home";
import home from "./list/home.module.css";
import { SealsPage } from "./seals/SealsPage";
import { SignPage } from "./sign/SignPage";
import { TemplatesPage } from "./templates/TemplatesPage";
import { chooseFile, DOCUMENTS, useNewDraft } from "./upload";
import { useDrop } from "./useDrop";
import { useIndexing } from "./useIndexing";
import { useWide } from "./useWide";

export type Place =
  | { readonly at: "home" | "seals" | "certificates" | "templates" }
  | ({ readonly at: "contract"; readonly id: string } & ContractPlace);

export function ContractsPage({ ws, place }: { ws: string; place: Place }) {
  const { t } = useTranslation();
  const go = useGo();
  const active = useWorkspace(ws)?.active ?? false;
  const { data } = useContracts(ws, { box: ContractBox.UNSPECIFIED, query: "", tag: "" });
  const fresh = useNewDraft(ws, (id) => go.draft(ws, id));
  const [dropped, setDropped] = useState<File | null>(null);
  const over = useDrop(setDropped, dropped === null);
  const wide = useWide();
  const [side, setSide] = useState<boolean | null>(null);
  useIndexing(ws);
  const choose = () => chooseFile(DOCUMENTS, (file) => fresh.begin(file));

  if (place.at === "contract" && place.act === "sign") return <SignPage key={place.id} ws={ws} id={place.id} />;
  const shows = side ?? wide;
  return (
    <Columns
      name={t("contracts.list")} emptyDetail={place.at === "home" && (data?.rows.length ?? 0) > 0}
      list={<ContractList ws={ws} chosen={place.at === "contract" ? place.id : undefined} onNew={choose} />}
      context={place.at === "contract" && shows ? <ContractSide key={place.id} ws={ws} id={place.id} onClose={() => setSide(false)} /> : undefined}
    >
      {fresh.isPending && <Waiting label={t("contracts.new.bringing")} />}
      {fresh.error !== null && <div className={home.error}><ErrorNote cause={fresh.error} onRetry={choose} retry={t("contracts.new.other")} /></div>}
      {place.at === "contract" ? <ContractView key={place.id} ws={ws} id={place.id} page={place.page} side={shows} onSide={() => setSide(!shows)} />
        : place.at === "seals" ? <SealsPage ws={ws} />
          : place.at === "certificates" ? <CertificatesPage ws={ws} />
            : place.at === "templates" ? <TemplatesPage ws={ws} />
              : !fresh.isPending && (active || data ? <Home ws={ws} fresh={(data?.rows.length ?? 0) === 0} onNew={choose} /> : <Waiting />)}
      {over && <div className={home.drop} aria-hidden>{t("contracts.drop.here")}</div>}
      {fresh.converted && <ConvertedDialog brought={fresh.converted} onAccept={() => fresh.accept(fresh.converted!)} onClose={fresh.dismiss} />}
      {dropped && <DropDialog ws={ws} file={dropped} onClose={() => setDropped(null)} onPrepare={(file) => fresh.begin(file)} />}
    </Columns>
  );
}
