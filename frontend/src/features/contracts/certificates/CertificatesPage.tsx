import { useTranslation } from "react-i18next";
import { Button, useColumns } from "../../../ui";
import forms from "../forms.module.css";
import { Authority } from "./Authority";
import { Keys } from "./Keys";
import { TimeAuthority } from "./TimeAuthority";

/** With what one signs, who vouches for it, and who stamps the time. */
export function CertificatesPage({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const { narrow, openList } = useColumns();
  return (
    <div className={forms.page}>
      <header>
        {narrow && <Button kind="quiet" onClick={openList}>{t("action.showList")}</Button>}
        <div><h1>{t("contracts.certificates.title")}</h1><p className={forms.lead}>{t("contracts.certificates.lead")}</p></div>
      </header>
      <Keys ws={ws} />
      <Authority ws={ws} />
      <TimeAuthority />
    </div>
  );
}
