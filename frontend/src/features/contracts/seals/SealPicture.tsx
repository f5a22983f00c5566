import { Stamp } from "lucide-react";
import type { Seal } from "../../../api";
import { svgUrl } from "../sign/FillField";
import styles from "./seals.module.css";

/** A seal as it will look, in its true size relation; a plain sign where one may not see it. */
export function SealPicture({ seal, size }: { seal: Seal | undefined; size: number }) {
  const svg = seal?.picture?.svg ?? "";
  return (
    <span className={styles.picture} style={{ width: size, height: size }}>
      {svg === "" ? <Stamp aria-hidden /> : <img src={svgUrl(svg)} alt={seal!.name} />}
    </span>
  );
}
