import type { Consent, Notices } from "./types";

/** By the browser's own notices. They are silent: what rings is the page. */
export function browserNotices(): Notices {
  const shown = new Map<string, Notification>();
  const listeners = new Set<(id: string) => void>();
  return {
    consent: () => Promise.resolve(consent()),
    async ask() {
      if (typeof Notification !== "undefined") await Notification.requestPermission();
      return consent();
    },
    show({ id, title, text, passing = false }) {
      if (consent() !== "granted") return;
      try {
        const notice = new Notification(title, { body: text, tag: id, silent: true, requireInteraction: !passing });
        notice.onclick = () => {
          window.focus();
          notice.close();
          for (const listener of [...listeners]) listener(id);
        };
        shown.set(id, notice);
      } catch {
        // Some browsers know the name and refuse to make one.
      }
    },
    hide(id) {
      shown.get(id)?.close();
      shown.delete(id);
    },
    onPressed(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function consent(): Consent {
  if (typeof Notification === "undefined") return "unsupported";
  return Notification.permission === "default" ? "unasked" : Notification.permission;
}

/** What Wails gives to the page, of its notices. */
export interface WailsNotices {
  /** "pressed": the program says which notice was. */
  EventsOn?(name: string, listener: (...data: unknown[]) => void): () => void;
  InitializeNotifications?(): Promise<void>;
  IsNotificationAvailable?(): Promise<boolean>;
  CheckNotificationAuthorization?(): Promise<boolean>;
  RequestNotificationAuthorization?(): Promise<boolean>;
  SendNotification?(notice: { id: string; title: string; body: string }): Promise<void>;
  RemoveNotification?(id: string): Promise<void>;
}

/** By the desktop. Only macOS asks, and does not tell a refusal from a question that was never asked. */
export function wailsNotices(wails: () => WailsNotices): Notices {
  let opening: Promise<boolean> | undefined;
  const open = () => (opening ??= (async () => {
    const { InitializeNotifications: initialise, IsNotificationAvailable: isAvailable } = wails();
    if (!initialise || !(await isAvailable?.())) return false;
    await initialise();
    return true;
  })().catch(() => false));
  const answer = (granted: boolean | undefined): Consent => (granted ? "granted" : "unasked");
  return {
    async consent() {
      return (await open()) ? answer(await wails().CheckNotificationAuthorization?.().catch(() => false)) : "unsupported";
    },
    async ask() {
      if (!(await open())) return "unsupported";
      return (await wails().RequestNotificationAuthorization?.().catch(() => false)) ? "granted" : "denied";
    },
    show({ id, title, text }) {
      void open().then((is) => (is ? wails().SendNotification?.({ id, title, body: text }) : undefined)).catch(() => {});
    },
    hide(id) {
      void opening?.then((is) => (is ? wails().RemoveNotification?.(id) : undefined)).catch(() => {});
    },
    onPressed: (listener) => wails().EventsOn?.("pressed", (id) => typeof id === "string" && listener(id)) ?? (() => {}),
  };
}
