export function isMac(): boolean {
  return /mac/i.test(navigator.platform);
}

export function modifierKey(): string {
  return isMac() ? "⌘" : "Ctrl";
}
