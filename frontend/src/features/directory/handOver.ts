/** Hands a file to the person by a link that nobody sees. */
export function handOver(parts: readonly Uint8Array[], name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts.map((part) => part.slice())));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
