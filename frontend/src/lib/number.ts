const formats = new Map<string, Intl.NumberFormat>();

/** 1,240: whole numbers as people read them. */
export function whole(value: number | bigint, language: string): string {
  let format = formats.get(language);
  if (!format) formats.set(language, (format = new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en-GB", { maximumFractionDigits: 0 })));
  return format.format(value);
}
