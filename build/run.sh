#!/bin/sh
# Opens the app: its window, or without a display the same app for a browser,
# whose address it prints.
set -eu
if [ "$(uname -s)" = Linux ] && [ -z "${DISPLAY:-}" ] && [ -z "${WAYLAND_DISPLAY:-}" ]; then
	build/deps.sh headless
	make --no-print-directory bin/roundtable-headless
	echo "No display here: open the address below in a browser on this machine." >&2
	exec bin/roundtable-headless "$@"
fi
build/deps.sh run
make --no-print-directory bin/roundtable
exec bin/roundtable "$@"
