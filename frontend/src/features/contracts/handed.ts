// A file that was dropped in one place and is to be looked at in another. It stands in no address.
let waiting: File | null = null;

export function hand(file: File): void {
  waiting = file;
}

export function takeHanded(): File | null {
  const file = waiting;
  waiting = null;
  return file;
}
