import type { PortraitService } from "../../api/gen/roundtable/v1/portraits_pb";
import type { Methods } from "./service";
import { ME, type World } from "./world";

const drawn = (hue: number) => `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 160"><path fill="hsl(${hue} 28% 62%)" d="M0 0h160v160H0z"/><circle cx="80" cy="66" r="34" fill="#e7c3a4"/><path d="M46 62a34 34 0 0 1 68 0c-18-14-50-14-68 0z" fill="#2b2b30"/><path d="M18 160c6-42 34-56 62-56s56 14 62 56z" fill="hsl(${hue + 40} 24% 38%)"/></svg>`,
)}`;

/** Pictures of people. Some of the seeded ones have one where the scene asks for it. */
export function portraitService(world: World, seeded: boolean): Methods<typeof PortraitService> {
  const own = new Map<string, string>();
  const path = (ws: string, id: string) => own.get(`${ws} ${id}`) ?? (seeded && id !== ME && id.charCodeAt(4) % 3 !== 0 ? drawn((id.charCodeAt(4) * 47 + id.length * 31) % 360) : "");
  return {
    set({ workspaceId, picture }) {
      own.set(`${workspaceId} ${ME}`, picture.length === 0 ? "" : URL.createObjectURL(new Blob([new Uint8Array(picture)], { type: "image/jpeg" })));
      world.changed("portraits");
      return {};
    },
    paths: ({ workspaceId, personIds }) => ({ paths: Object.fromEntries(personIds.map((id) => [id, path(workspaceId, id)] as const).filter(([, at]) => at !== "")) }),
  };
}
