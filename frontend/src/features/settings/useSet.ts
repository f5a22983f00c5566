import { useMutation } from "@tanstack/react-query";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { SetSettingsRequestSchema } from "../../api";
import { useApi, useShowSettings } from "../../live";

/** Changes a setting; the program's answer is what is shown. */
export function useSet() {
  const api = useApi();
  const show = useShowSettings();
  return useMutation({
    mutationFn: (change: MessageInitShape<typeof SetSettingsRequestSchema>) => api.settings.set(change),
    onSuccess: show,
  });
}
