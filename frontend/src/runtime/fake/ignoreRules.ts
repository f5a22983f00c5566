// A small part of gitignore, enough to show what a rule does: names, *, ?, **, a slash at either end, and ! for what stays.

interface Rule {
  readonly line: number;
  readonly pattern: RegExp;
  readonly keeps: boolean;
}

type Read = Rule | { readonly line: number; readonly pattern: null };

function rules(text: string): Read[] {
  return text.split("\n").flatMap((raw, index): Read[] => {
    const written = raw.trim();
    if (written === "" || written.startsWith("#")) return [];
    const line = index + 1;
    const keeps = written.startsWith("!");
    const rule = keeps ? written.slice(1) : written;
    const closed = (rule.match(/\[/g)?.length ?? 0) === (rule.match(/\]/g)?.length ?? 0);
    if (rule === "" || rule === "/" || !closed) return [{ line, pattern: null }];
    const anchored = rule.replace(/\/$/, "").includes("/");
    const body = rule.replace(/^\/|\/$/g, "").replace(/[.+^${}()|\\]/g, "\\$&").replace(/\*\*\/?/g, "\u0000").replace(/\*/g, "[^/]*").replace(/\?/g, "[^/]").replaceAll("\u0000", "(?:.*/)?");
    return [{ line, keeps, pattern: new RegExp(`${anchored ? "^" : "(?:^|/)"}${body}(?:/|$)`) }];
  });
}

export function badRules(text: string): number[] {
  return rules(text).flatMap((rule) => (rule.pattern === null ? [rule.line] : []));
}

export function hiddenBy(text: string, paths: readonly string[]): { path: string; line: number }[] {
  const all = rules(text).filter((rule): rule is Rule => rule.pattern !== null);
  return paths.flatMap((path) => {
    const last = all.findLast((rule) => rule.pattern.test(path));
    return last && !last.keeps ? [{ path, line: last.line }] : [];
  });
}
