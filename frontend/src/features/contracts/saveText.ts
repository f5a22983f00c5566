/** Hands a text to the person as a file. */
export function saveText(name: string, type: string, text: string): void {
  // Spreadsheets read UTF-8 only when told.
  const url = URL.createObjectURL(new Blob([type === "text/csv" && !text.startsWith("\uFEFF") ? "\uFEFF" : "", text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
