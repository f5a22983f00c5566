import type { ComponentPropsWithRef } from "react";

type Sign = "none" | "check" | "off" | "alert" | "dots";

const SIGNS: Record<Sign, string> = {
  none: "",
  check: "M8.4 14.3l2.7 2.6 4.8-5",
  off: "M3.5 3.5l17 17",
  alert: "M12 10.2v3.6M12 16.9v.1",
  dots: "M8.2 14.6v.1M12 14.6v.1M15.8 14.6v.1",
};

/** The sign of a relay, whole at the size of small text, where a cloud with a piece cut out is not read as one. */
export function RelayIcon({ sign = "none", ...rest }: { sign?: Sign } & ComponentPropsWithRef<"svg">) {
  return (
    <svg width={24} height={24} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth={2} strokeLinecap="round" strokeLinejoin="round" aria-hidden {...rest}>
      <path d="M6.4 20.2a5.4 5.4 0 0 1-.9-10.7 7 7 0 0 1 13.4 1.2 4.8 4.8 0 0 1-.7 9.5Z" />
      {SIGNS[sign] !== "" && <path d={SIGNS[sign]} strokeWidth={sign === "dots" ? 2.4 : 2.2} />}
    </svg>
  );
}
