import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { CallPhase, type CallState, type ControlRequest } from "../../api";
import { useApi, useCalls, useCallState, useShowCallState } from "../../live";
import { changeSelf } from "./changeSelf";
import { CallContext, type Beginning, type CurrentCall, type Self } from "./context";
import { LocalMedia } from "./media/local";
import { canMeet } from "./media/problems";
import { Recorder } from "./media/recorder";
import { CallSession } from "./media/session";
import { rememberCall, rememberedCall } from "./remembered";
import { selfOf } from "./room/people";

/** Carries the call of this page above all its places: it goes on while one reads messages. */
export function CallProvider({ children }: { children: ReactNode }) {
  const api = useApi();
  const show = useShowCallState();
  const [local] = useState(() => new LocalMedia());
  const [recorder] = useState(() => new Recorder(api));
  const [call, setCall] = useState("");
  const [session, setSession] = useState<CallSession | null>(null);
  const [trouble, setTrouble] = useState<unknown>(null);
  const overview = useCalls("").data;
  const { data } = useCallState(call);
  const state = useLast(call, data);
  const phase = state?.phase ?? CallPhase.UNSPECIFIED;
  const newest = useRef(state);
  newest.current = state;

  const attach = useCallback((id: string, returning: boolean) => {
    rememberCall(id);
    setCall(id);
    setSession((old) => {
      if (old?.call === id) return old;
      old?.close();
      return canMeet() ? new CallSession(api, id, local, returning) : null;
    });
  }, [api, local]);

  // A page that is loaded again in the middle of a call goes back in.
  const mine = overview?.mine;
  useEffect(() => {
    if (call !== "" || !mine?.call || mine.phase === CallPhase.ENDED || rememberedCall() !== mine.call.id) return;
    const self = selfOf(mine);
    attach(mine.call.id, true);
    void local.openMicrophone();
    if (self?.camera) void local.openCamera();
    // A shared screen did not outlive the page, and nobody may be shown one that is not there.
    if (self?.screen) void api.calls.setSelf({ callId: mine.call.id, ...pick(self, local), screen: false }).catch(() => {});
  }, [api, attach, call, local, mine]);

  useEffect(() => {
    if (state && session?.call === state.call?.id && (phase === CallPhase.IN || phase === CallPhase.CALLING)) session?.update(state);
  }, [session, state, phase]);

  // Over: nothing of this computer is open any more.
  useEffect(() => {
    if (phase !== CallPhase.ENDED) return;
    rememberCall("");
    void recorder.stop();
    session?.close();
    local.closeAll();
  }, [phase, session, local, recorder]);

  useFollowSelf(state, local, phase);
  // Deeds follow each other: each builds on what the one before made.
  const chain = useRef(Promise.resolve());
  const deed = useCallback((run: (now: CallState) => Promise<CallState | void>) => {
    const done = chain.current.then(async () => {
      const now = newest.current;
      if (!now?.call || now.phase === CallPhase.ENDED) return;
      const after = await run(now);
      if (after) {
        newest.current = after;
        show(after);
      }
      setTrouble(null);
    });
    chain.current = done.catch((cause: unknown) => setTrouble(cause));
    return chain.current;
  }, [show]);

  const value = useMemo<CurrentCall>(() => {
    const enter = async (asked: Promise<CallState>, beginning: Beginning) => {
      const entered = await asked;
      show(entered);
      newest.current = entered;
      attach(entered.call!.id, false);
      await value.setSelf(beginning);
      return entered;
    };
    const value: CurrentCall = {
      state, session, local, recorder, trouble,
      forgetTrouble: () => setTrouble(null),
      start: (conversationId, video, plannedId, beginning) => enter(api.calls.startCall({ conversationId, video, plannedId }), beginning),
      join: (callId, beginning) => enter(api.calls.joinCall({ callId }), beginning),
      attach(id) {
        attach(id, true);
        void local.openMicrophone();
      },
      leave: async (end) => {
        await recorder.stop();
        await deed(async (now) => {
          await api.calls.leaveCall({ callId: now.call!.id, end });
        });
      },
      dismiss() {
        rememberCall("");
        session?.close();
        setSession(null);
        setCall("");
        local.closeAll();
        recorder.forget();
      },
      setSelf: (change) => changeSelf(change, local, (self) => deed((now) => api.calls.setSelf({ callId: now.call!.id, ...pick(selfOf(now), local), ...self }))),
      control: (what: ControlRequest["deed"]) => deed((now) => api.calls.control({ callId: now.call!.id, deed: what })),
      react: (emoji) => deed(async (now) => {
        await api.calls.react({ callId: now.call!.id, emoji });
      }),
    };
    return value;
  }, [api, attach, deed, local, recorder, session, show, state, trouble]);
  useTellEnds(value);
  return <CallContext value={value}>{children}</CallContext>;
}

/** What the program says of us is so here too: a host may have muted us, or ended what we share. */
function useFollowSelf(state: CallState | null, local: LocalMedia, phase: CallPhase): void {
  const self = state && phase !== CallPhase.ENDED ? selfOf(state) : undefined;
  useEffect(() => {
    if (!self) return;
    const follow = () => {
      const { microphone } = local.read();
      if (microphone && microphone.enabled !== self.microphone) microphone.enabled = self.microphone;
    };
    follow();
    return local.subscribe(follow);
  }, [local, self?.microphone, self !== undefined]);
  const shared = useRef(false);
  useEffect(() => {
    if (shared.current && self && !self.screen) local.closeScreen();
    shared.current = self?.screen ?? false;
  }, [local, self?.screen]);
}

/** A device that was pulled out and has no successor, or a share that was ended in the browser's own bar: nobody waits for a picture that does not come. */
function useTellEnds({ local, state, setSelf }: CurrentCall): void {
  const self = state && state.phase !== CallPhase.ENDED ? selfOf(state) : undefined;
  const newest = useRef({ self, setSelf });
  newest.current = { self, setSelf };
  useEffect(() => {
    let before = local.read();
    return local.subscribe(() => {
      const now = local.read();
      const ended = { ...(before.microphone && !now.microphone && { microphone: false }), ...(before.camera && !now.camera && { camera: false }), ...(before.screen && !now.screen && { screen: false }) };
      before = now;
      const { self: shown, setSelf: tell } = newest.current;
      // A device that is changed closes for a moment.
      if (Object.keys(ended).length > 0) setTimeout(() => void local.rests().then(() => {
        const still = { ...("microphone" in ended && !local.read().microphone && shown?.microphone && { microphone: false }), ...("camera" in ended && !local.read().camera && shown?.camera && { camera: false }), ...("screen" in ended && !local.read().screen && shown?.screen && { screen: false }) };
        if (Object.keys(still).length > 0) void tell(still);
      }), 1500);
    });
  }, [local]);
}

/** The last that was heard of a call: one that the program has forgotten is over. */
function useLast(call: string, data: CallState | null | undefined): CallState | null {
  const last = useRef<CallState | null>(null);
  if (call === "") last.current = null;
  else if (data) last.current = data;
  else if (data === null && last.current) last.current = { ...last.current, phase: CallPhase.ENDED };
  return last.current;
}

function pick(self: Partial<Self> | undefined, local: LocalMedia): Self {
  return {
    microphone: self?.microphone ?? false, camera: self?.camera ?? false, screen: self?.screen ?? false, hand: self?.hand ?? false, screenSound: local.read().screenSound !== null,
  };
}
