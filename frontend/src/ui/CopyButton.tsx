import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./Button";

export function CopyButton({ text, copy, label, primary }: { text: string; copy: (text: string) => Promise<void>; label?: string; primary?: boolean }) {
  const { t } = useTranslation();
  const [state, setState] = useState<"idle" | "done" | "failed">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), 2500);
    return () => clearTimeout(timer);
  }, [state]);
  return (
    <Button
      kind={primary ? "primary" : "plain"}
      icon={state === "done" ? <Check aria-hidden /> : <Copy aria-hidden />}
      onClick={() => void copy(text).then(() => setState("done"), () => setState("failed"))}
    >
      <span aria-live="polite">{state === "done" ? t("state.copied") : state === "failed" ? t("state.copyFailed") : (label ?? t("action.copy"))}</span>
    </Button>
  );
}
