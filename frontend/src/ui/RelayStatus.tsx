import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { RelayState, type Relay } from "../api";
import { useNow } from "../lib/now";
import { brief } from "../lib/time";
import { cx } from "./cx";
import { Hidden } from "./Field";
import { RelayIcon } from "./RelayIcon";
import styles from "./RelayStatus.module.css";

type Tone = "good" | "idle" | "warn" | "bad";

const REASONS = ["relay_certificate", "relay_token", "relay_full", "relay_busy", "relay_proxy", "relay_forged", "relay_withholds", "relay_unlisted"] as const;
const DEEDS = ["relay_unreachable", ...REASONS] as const;

function relayTone({ state, errorCode }: Relay): Tone {
  if (state === RelayState.CONNECTED) return errorCode === "" ? "good" : errorCode === "relay_forged" ? "bad" : "warn";
  if (state === RelayState.REFUSED) return "bad";
  return state === RelayState.UNREACHABLE ? "warn" : "idle";
}

function words({ state, errorCode, host, roundTripMs }: Relay, t: TFunction): string {
  const reason = REASONS.find((candidate) => candidate === errorCode);
  if (reason) return t(`relays.state.${reason}`, { host });
  switch (state) {
    case RelayState.CONNECTED:
      return roundTripMs > 0 ? t("relays.state.connectedIn", { ms: roundTripMs }) : t("relays.state.connected");
    case RelayState.UNREACHABLE:
      return t("relays.state.unreachable", { host });
    case RelayState.REFUSED:
      return t("relays.state.refused", { host });
    default:
      return t("relays.state.connecting", { host });
  }
}

/** Whether the words for its state name the host already. */
export function namesHost({ state }: Relay): boolean {
  return state !== RelayState.CONNECTED;
}

/** What to do about it, "" when there is nothing. */
export function relayDeed({ state, errorCode }: Relay, t: TFunction): string {
  const known = DEEDS.find((candidate) => candidate === errorCode);
  if (known) return t(`relays.todo.${known}`);
  return state === RelayState.UNREACHABLE ? t("relays.todo.relay_unreachable") : "";
}

/** The true state of a relay, by icon and in plain words, since when, and when it is tried again. */
export function RelayStatus({ relay, className }: { relay: Relay; className?: string }) {
  const { t, i18n } = useTranslation();
  const next = Number(relay.nextTryUnixMs);
  const now = useNow(next > 0);
  const tone = relayTone(relay);
  const sign = tone === "good" ? "check" : tone === "idle" ? "dots" : relay.state === RelayState.UNREACHABLE ? "off" : "alert";
  const facts: string[] = [];
  if (relay.sinceUnixMs > 0n && relay.state !== RelayState.CONNECTING) {
    facts.push(t("connections.since", { time: brief(Number(relay.sinceUnixMs), now, i18n.language, { today: t("messages.today"), yesterday: t("messages.yesterday") }) }));
  }
  if (next > 0) {
    const left = Math.ceil((next - now) / 1000);
    facts.push(left <= 0 ? t("relays.trying") : t("relays.next", { time: left < 100 ? t("relays.seconds", { count: left }) : t("relays.minutes", { count: Math.round(left / 60) }) }));
  }
  return (
    <p className={cx(styles.status, styles[tone], className)}>
      <RelayIcon sign={sign} />
      <span className={styles.clip}>
        <span className={styles.words}>
          <b>{words(relay, t)}</b>
          {facts.map((fact) => <span key={fact} className={styles.fact}><Hidden>, </Hidden>{fact}</span>)}
        </span>
      </span>
    </p>
  );
}
