// Fails when the two languages differ in their keys or values to fill in, when a key that is used is missing, or when a key is used by nobody.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../src", import.meta.url));
const PLURAL = /_(zero|one|two|few|many|other)$/;
/** Forms that a language must have. */
const FORMS = { en: ["one", "other"], zh: ["other"] };
/** Keys built at run time: `t(\`errors.${code}\`)`. */
const BUILT = /t\(\s*`([^`$]*)\$\{/g;
const LITERAL = /["'`]([a-zA-Z]+(?:\.[a-zA-Z_]+)+)["'`]/g;

export function flatten(object, prefix = "") {
  return Object.entries(object).flatMap(([key, value]) =>
    typeof value === "string" ? [[prefix + key, value]] : flatten(value, `${prefix}${key}.`));
}

export function check({ en, zh, sources }) {
  const problems = [];
  const languages = { en: new Map(flatten(en)), zh: new Map(flatten(zh)) };
  const bases = {};
  for (const [language, entries] of Object.entries(languages)) {
    bases[language] = new Map();
    for (const [key, text] of entries) {
      const base = key.replace(PLURAL, "");
      const form = PLURAL.exec(key)?.[1] ?? null;
      const known = bases[language].get(base) ?? { forms: new Set(), values: new Set() };
      known.forms.add(form);
      for (const found of text.matchAll(/\{\{(\w+)\}\}/g)) known.values.add(found[1]);
      bases[language].set(base, known);
      if (text.trim() === "") problems.push(`${language}.json: ${key} is empty`);
    }
    for (const [base, { forms }] of bases[language]) {
      if (forms.has(null)) continue;
      for (const form of FORMS[language]) if (!forms.has(form)) problems.push(`${language}.json: ${base} lacks the form _${form}`);
    }
  }
  for (const [one, other] of [["en", "zh"], ["zh", "en"]]) {
    for (const [base, { values }] of bases[one]) {
      const there = bases[other].get(base);
      if (!there) problems.push(`${other}.json: ${base} is missing`);
      else for (const value of values) if (!there.values.has(value)) problems.push(`${other}.json: ${base} does not use {{${value}}}`);
    }
  }
  const top = new Set(Object.keys(en));
  const used = new Set();
  const prefixes = new Set();
  for (const [file, text] of sources) {
    for (const found of text.matchAll(BUILT)) prefixes.add(found[1]);
    for (const found of text.matchAll(LITERAL)) {
      const key = found[1];
      if (!top.has(key.split(".")[0])) continue;
      if (bases.en.has(key)) used.add(key);
      else if (text.includes(`t("${key}"`)) problems.push(`${file}: ${key} is used but not in en.json`);
    }
  }
  for (const base of bases.en.keys()) {
    if (!used.has(base) && ![...prefixes].some((prefix) => prefix !== "" && base.startsWith(prefix))) problems.push(`en.json: ${base} is used by nobody`);
  }
  return problems;
}

export function readSources(folder = root) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/[\\/]gen[\\/]/.test(path))
    .map((path) => [relative(root, path), readFileSync(path, "utf8")]);
}

export function load(language) {
  return JSON.parse(readFileSync(join(root, "i18n", `${language}.json`), "utf8"));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const problems = check({ en: load("en"), zh: load("zh"), sources: readSources() });
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exit(1);
}
