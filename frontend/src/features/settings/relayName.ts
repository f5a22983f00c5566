import type { Relay } from "../../api";

/** A relay without a name of its own goes by its host. */
export function relayName({ name, host }: Pick<Relay, "name" | "host">): string {
  return name === "" ? host : name;
}
