import { readFileSync } from "node:fs";
import { join } from "node:path";

type Tree = { readonly [key: string]: string | Tree };

const load = (language: string) => JSON.parse(readFileSync(join(import.meta.dirname, "../src/i18n", `${language}.json`), "utf8")) as Tree;
const words = { en: load("en"), zh: load("zh") };

/** The words of the screen, from its own files: a test that looks for a button looks for what people read. */
export function say(language: "en" | "zh", key: string, values: Record<string, string | number> = {}): string {
  let at: string | Tree | undefined = words[language];
  for (const part of key.split(".")) at = typeof at === "object" ? at[part] : undefined;
  if (typeof at !== "string") throw new Error(`no words for ${key}`);
  return at.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** Matches the words in both languages; values that are not given match anything. */
export function either(key: string, values: Record<string, string | number> = {}): RegExp {
  const pattern = (language: "en" | "zh") => {
    const raw = say(language, key, new Proxy(values, { get: (given, name: string) => given[name] ?? `\u0000` }));
    return raw.split("\u0000").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".*");
  };
  return new RegExp(`${pattern("en")}|${pattern("zh")}`);
}
