const KEY = "meetings.call";

// Which call this very page carries. It outlives a reload, and no other window knows it: two windows never pull at one call.

export function rememberCall(call: string): void {
  try {
    if (call === "") sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, call);
  } catch {
    // Without storage a reload asks once more.
  }
}

export function rememberedCall(): string {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}
