import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { showLanguage, type Language } from "../../i18n";
import { useApi, useShowSettings } from "../../live";
import { Segmented } from "../../ui";
import styles from "./onboarding.module.css";

export function LanguageChoice() {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const show = useShowSettings();
  const set = useMutation({
    mutationFn: (language: Language) => api.settings.set({ language }),
    onSuccess: show,
  });
  return (
    <div className={styles.languages}>
      <Segmented
        label={t("settings.language")}
        value={i18n.language as Language}
        options={[{ value: "zh", label: "中文" }, { value: "en", label: "English" }]}
        onChange={(language) => {
          showLanguage(language);
          set.mutate(language);
        }}
      />
    </div>
  );
}
