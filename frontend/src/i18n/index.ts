import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import en from "./en.json";
import { isolate } from "./isolate";
import zh from "./zh.json";

export type Language = "zh" | "en";
export type ErrorCode = keyof typeof en.errors;

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en };
  }
}

/** "" follows the system. */
export function resolveLanguage(setting: string, system: readonly string[] = navigator.languages): Language {
  if (setting === "zh" || setting === "en") return setting;
  for (const tag of system) {
    if (/^zh\b/i.test(tag)) return "zh";
    if (/^en\b/i.test(tag)) return "en";
  }
  return "en";
}

export function isKnownCode(code: string): code is ErrorCode {
  return Object.hasOwn(en.errors, code);
}

export async function startI18n(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: "en",
    resources: { en: { translation: en }, zh: { translation: zh } },
    // React escapes by itself; what a value can still do is to turn the direction of its sentence.
    interpolation: { escapeValue: true, escape: isolate },
    returnNull: false,
  });
  mark(language);
}

export function showLanguage(language: Language): void {
  if (i18next.language !== language) void i18next.changeLanguage(language);
  mark(language);
}

function mark(language: Language): void {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
}
