import { create } from "@bufbuild/protobuf";
import { GuestLinkSchema, type GuestLink, type CallsService } from "../../api/gen/roundtable/v1/calls_pb";
import { GuestPhase, type GuestService } from "../../api/gen/roundtable/v1/guest_pb";
import { Refusal, type Methods } from "./service";
import type { World } from "./world";

const PREFIX = "roundtable://guest/";
export const EXPIRED_LINK = `${PREFIX}expired`;
/** Is read as valid, and expires before it is used. */
export const EXPIRING_LINK = `${PREFIX}expiring`;

/** Links are made, listed and revoked; nobody comes by them here. */
export function guestLinks(world: World): Pick<Methods<typeof CallsService>, "guestLinks" | "createGuestLink" | "revokeGuestLink"> {
  const made: (GuestLink & { of: string })[] = [];
  return {
    guestLinks: ({ callId, plannedId }) => ({ links: made.filter(({ of }) => of === callId + plannedId), mayInvite: true }),
    createGuestLink({ callId, plannedId, expiresSeconds, maxUses }) {
      const id = `inv_${made.length}`;
      const link = create(GuestLinkSchema, { id, link: `${PREFIX}${"q".repeat(260)}${made.length}`, expiresUnixMs: BigInt(Date.now()) + expiresSeconds * 1000n, maxUses, createdBy: "张青" });
      made.push({ ...link, of: callId + plannedId });
      world.changed("invites");
      return link;
    },
    revokeGuestLink({ linkId }) {
      const found = made.find(({ id }) => id === linkId);
      if (found) found.revoked = true;
      world.changed("invites");
      return {};
    },
  };
}

/** A link is read; behind it nobody answers. */
export function guestService(world: World): Methods<typeof GuestService> {
  let state: { phase: GuestPhase; errorCode?: string; title?: string; inviterName?: string } = { phase: GuestPhase.NONE };
  const read = (link: string) => {
    if (!link.startsWith(PREFIX)) throw new Refusal(link.startsWith("roundtable://join/") ? "link_for_workspace" : "invite_garbled");
    if (link === EXPIRED_LINK) throw new Refusal("invite_expired");
    return { title: "图纸会审", inviterName: "李卓然", expiresUnixMs: BigInt(Date.now() + 3_600_000), relayHosts: [] };
  };
  return {
    preview: ({ link }) => read(link),
    enter({ link }) {
      if (link === EXPIRING_LINK) throw new Refusal("invite_expired");
      const { title, inviterName } = read(link);
      state = { phase: GuestPhase.FAILED, errorCode: "host_unreachable", title, inviterName };
      world.changed("guest", "system");
      return state;
    },
    state: () => state,
    leave() {
      state = { phase: GuestPhase.NONE };
      world.changed("guest", "system");
      return {};
    },
  };
}
