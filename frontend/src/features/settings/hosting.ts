import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HostedRelayResponse, HostRelayRequestSchema } from "../../api";
import { hostOf } from "../../lib/address";

export type HostChange = MessageInitShape<typeof HostRelayRequestSchema>;

/**
 * The host that somebody chose for others to dial, "" for a guess. While the relay does not run, the program names what
 * was chosen only; while it runs, a guess is one of the addresses of this device.
 */
export function chosenHost({ running, address, addresses }: HostedRelayResponse): string {
  return running && addresses.includes(address) ? "" : hostOf(address);
}
