#!/bin/sh
# Starts the Wails window in a virtual display and waits until its page has
# reached the first screen and called the app through the bound method.
#   build/test-window.sh BINARY [SCREENSHOT.png]
# Ends with 0 when the window said "screen ready", else with 1 and its log.
set -eu
binary=$1
picture=${2:-}
for tool in Xvfb xdotool import; do
	command -v "$tool" >/dev/null || { echo "test-window: needs $tool (make deps installs it)"; exit 1; }
done

work=$(mktemp -d)
display=
window=
cleanup() {
	status=$?
	trap - EXIT INT TERM
	for process in $window $display; do
		kill "$process" 2>/dev/null || true
		wait "$process" 2>/dev/null || true
	done
	rm -rf "$work"
	exit "$status"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# -displayfd lets the server choose a free number and say which.
Xvfb -displayfd 3 -screen 0 1280x800x24 -nolisten tcp 3>"$work/number" 2>"$work/xvfb.log" &
display=$!
for _ in $(seq 100); do
	[ -s "$work/number" ] && break
	sleep 0.1
done
[ -s "$work/number" ] || { echo "test-window: no virtual display"; cat "$work/xvfb.log"; exit 1; }

# A home and a bus of its own: nothing of this user is read or written, and no
# window of a real session is brought to the front.
mkdir -m 700 "$work/home" "$work/run" "$work/profile"
echo "{\"language\":\"${ROUNDTABLE_TEST_LANGUAGE:-zh}\"}" >"$work/profile/settings.json"
env -u WAYLAND_DISPLAY -u DBUS_SESSION_BUS_ADDRESS \
	DISPLAY=":$(cat "$work/number")" HOME="$work/home" XDG_RUNTIME_DIR="$work/run" XDG_CONFIG_HOME= XDG_DATA_HOME= XDG_CACHE_HOME= \
	GDK_BACKEND=x11 NO_AT_BRIDGE=1 LC_ALL=C.UTF-8 \
	"$binary" --profile "$work/profile" --lan off --no-nearby --smoke >"$work/out.log" 2>&1 &
window=$!
for _ in $(seq 600); do
	if grep -q 'msg="screen ready"' "$work/out.log"; then
		if [ -n "$picture" ]; then
			mkdir -p "$(dirname "$picture")"
			sleep 1 # what fades in has faded in
			DISPLAY=":$(cat "$work/number")" import -window root "$picture"
		fi
		grep 'msg="screen ready"' "$work/out.log"
		# It must also leave when it is asked to.
		kill -TERM "$window"
		for _ in $(seq 100); do
			kill -0 "$window" 2>/dev/null || break
			sleep 0.1
		done
		if kill -0 "$window" 2>/dev/null; then
			echo "test-window: does not end on SIGTERM"
			exit 1
		fi
		status=0
		wait "$window" || status=$?
		window=
		[ "$status" -eq 0 ] || { echo "test-window: ended with $status"; cat "$work/out.log"; exit 1; }
		exit 0
	fi
	grep -q 'msg="screen not ready"' "$work/out.log" && break
	kill -0 "$window" 2>/dev/null || break
	sleep 0.1
done
echo "test-window: the first screen was not reached"
if [ -n "$picture" ]; then DISPLAY=":$(cat "$work/number")" import -window root "$picture" || true; fi
cat "$work/out.log"
exit 1
