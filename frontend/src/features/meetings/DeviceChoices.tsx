import { Volume2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, InfoNote, Select, SwitchRow } from "../../ui";
import styles from "./before.module.css";
import { useCall, useLocal } from "./context";
import { canBlur } from "./media/backdrop/can";
import type { Chosen } from "./media/local";
import type { MediaProblem } from "./media/problems";
import { turn } from "./media/speakers";
import { testSpeaker } from "./media/tone";

const KINDS = [["microphone", "audioinput"], ["camera", "videoinput"], ["speaker", "audiooutput"]] as const;
/** "" stands for no choice, and a choice needs a value. */
const PREFERRED = "preferred";

/** Which microphone, camera and speaker; the same before a call and in it. */
export function DeviceChoices() {
  const { t } = useTranslation();
  const { local, session } = useCall();
  const { devices, chosen } = useLocal();
  const choose = (kind: keyof Chosen, id: string) => {
    void local.choose(kind, id === PREFERRED ? "" : id);
    if (kind === "speaker") session?.speaker(id === PREFERRED ? "" : id);
  };
  return (
    <div className={styles.choices}>
      {KINDS.map(([kind, type]) => {
        const known = devices.filter((device) => device.kind === type && device.deviceId !== "default" && device.deviceId !== "communications");
        const value = known.some((device) => device.deviceId === chosen[kind]) ? chosen[kind] : PREFERRED;
        return (
          <div key={kind} className={styles.choice}>
            <span className={styles.label}>{t(`meetings.devices.${kind}`)}</span>
            <Select
              label={t(`meetings.devices.${kind}`)} value={value} disabled={known.length === 0} onChange={(id) => choose(kind, id)}
              options={[{ value: PREFERRED, label: known.length === 0 ? t("meetings.devices.none") : t("meetings.devices.preferred") }, ...known.map((device) => ({ value: device.deviceId, label: device.label || t("meetings.devices.unnamed") }))]}
            />
            {kind === "speaker" && <SpeakerTest sink={chosen.speaker} />}
          </div>
        );
      })}
      <BlurChoice />
    </div>
  );
}

/** Whether others see the room behind one. */
function BlurChoice() {
  const { t } = useTranslation();
  const { local } = useCall();
  const { blur, blurring } = useLocal();
  const possible = canBlur();
  const hint = !possible ? t("meetings.blur.unsupported") : blurring ? t("meetings.blur.preparing") : t("meetings.blur.hint");
  return <SwitchRow label={t("meetings.blur.label")} hint={hint} checked={blur && possible} disabled={!possible} onChange={(on) => void local.setBlur(on)} />;
}

function SpeakerTest({ sink }: { sink: string }) {
  const { t } = useTranslation();
  const [playing, setPlaying] = useState(false);
  const play = () => {
    setPlaying(true);
    void testSpeaker((element) => turn(element, sink)).catch(() => {}).finally(() => setPlaying(false));
  };
  return <Button icon={<Volume2 aria-hidden />} disabled={playing} onClick={play} className={styles.test}>{playing ? t("meetings.devices.playing") : t("meetings.devices.test")}</Button>;
}

/** What is wrong with a device, and what one can do. */
export function DeviceNotes({ camera }: { camera: boolean }) {
  const { t } = useTranslation();
  const { problems } = useLocal();
  const words = (kind: "microphone" | "camera", problem: MediaProblem) => (problem === "backdrop" ? t("meetings.blur.failed") : t(`meetings.problem.${kind}.${problem}`));
  return (
    <>
      {problems.microphone && <InfoNote tone="warn">{words("microphone", problems.microphone)}</InfoNote>}
      {camera && problems.camera && <InfoNote tone="warn">{words("camera", problems.camera)}</InfoNote>}
    </>
  );
}
