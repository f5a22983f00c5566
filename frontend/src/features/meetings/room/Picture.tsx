import { useEffect, useRef } from "react";
import styles from "./tile.module.css";

/** Moving pictures of a track or a stream. Sound is played elsewhere. */
export function Picture({ track, stream, mirrored, whole, label, main }: {
  track?: MediaStreamTrack;
  stream?: MediaStream;
  /** As in a mirror: how one knows oneself. */
  mirrored?: boolean;
  /** Nothing is cut off: letters at the edge of a screen count. */
  whole?: boolean;
  label: string;
  /** What a small window beside other programs would show. */
  main?: boolean;
}) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current!;
    element.srcObject = stream ?? (track ? new MediaStream([track]) : null);
    // Interrupted by the next source, or not allowed yet: the browser goes on by itself.
    void element.play().catch(() => {});
    return () => {
      element.srcObject = null;
    };
  }, [stream, track]);
  return <video ref={video} className={styles.video} data-mirrored={mirrored ? "" : undefined} data-whole={whole ? "" : undefined} data-main={main ? "" : undefined} aria-label={label} muted playsInline autoPlay />;
}
