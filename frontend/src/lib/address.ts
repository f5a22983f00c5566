// Addresses of relays as people type and read them.

/** "relay.example.com:47820" without its port; brackets of IPv6 stay off. */
export function hostOf(address: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(address)?.[1];
  if (bracketed !== undefined) return bracketed;
  return address.split(":").length === 2 ? address.slice(0, address.lastIndexOf(":")) : address;
}

/** A name or an IP address without scheme, port or path. The program checks again. */
export function isHost(text: string): boolean {
  if (text.length > 253) return false;
  if (/^[0-9a-f:.]+$/i.test(text) && text.split(":").length > 2) return true;
  return /^(?=.*[\p{L}\p{N}])[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?\.?$/u.test(text);
}

/** Reached only from within: private, link-local, loopback and carrier ranges, and names without a dot. */
export function isInside(host: string): boolean {
  const parts = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(host)?.slice(1).map(Number);
  if (parts) {
    const [a = 0, b = 0] = parts;
    return a === 10 || a === 127 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168) || (a === 169 && b === 254) || (a === 100 && b >= 64 && b <= 127);
  }
  if (host.includes(":")) return /^(?:f[cd]|fe[89ab]|::1$)/i.test(host);
  return !host.replace(/\.$/, "").includes(".") || /\.(?:local|lan|internal|home\.arpa)\.?$/i.test(host);
}

export type Reach = "near" | "inside" | "far";

/** From where relays can be dialled: no relay, inside a network only, or anywhere; with the hosts that count. */
export function reachOf(addresses: readonly string[]): { reach: Reach; hosts: readonly string[] } {
  const far = addresses.filter((address) => !isInside(hostOf(address)));
  return far.length > 0 ? { reach: "far", hosts: far } : { reach: addresses.length > 0 ? "inside" : "near", hosts: addresses };
}

/** A port somebody typed, or null. */
export function portOf(text: string): number | null {
  const value = /^\d{1,5}$/.test(text.trim()) ? Number(text) : 0;
  return value >= 1 && value <= 65535 ? value : null;
}
