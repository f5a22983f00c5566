import type { CallSlot } from "../../../api";
import { sourceKey } from "../room/arrange";

type Slot = Pick<CallSlot, "mid" | "deviceId" | "kind">;

/** Which receiver carries which source. Empty slots and what would be ourselves are left out; of two slots with one source the later is newer. */
export function slotMap(slots: readonly Slot[], self: string): Map<string, string> {
  const map = new Map<string, string>();
  for (const { mid, deviceId, kind } of slots) if (deviceId !== "" && deviceId !== self && mid !== "") map.set(sourceKey(deviceId, kind), mid);
  return map;
}

export function sameSlots(a: readonly Slot[], b: readonly Slot[]): boolean {
  return a.length === b.length && a.every((slot, index) => {
    const other = b[index]!;
    return slot.mid === other.mid && slot.deviceId === other.deviceId && slot.kind === other.kind;
  });
}
