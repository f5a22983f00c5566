#!/bin/sh
# Installs what is missing: build/deps.sh run | headless | test
# On Debian and Ubuntu with apt, elsewhere it says what to install.
set -eu
what=${1:-run}

have() { command -v "$1" >/dev/null 2>&1; }
node_ok() { have node && have npm && node -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a>20||a==20&&b>=19?0:1)'; }

if ! have go; then
	echo "Roundtable needs Go 1.26 or newer (https://go.dev/dl)." >&2
	exit 1
fi

missing=
node_ok || missing="$missing nodejs npm"
if [ "$(uname -s)" = Linux ] && [ "$what" != headless ]; then
	have pkg-config && pkg-config --exists gtk+-3.0 || missing="$missing pkg-config libgtk-3-dev"
	have pkg-config && pkg-config --exists webkit2gtk-4.1 || missing="$missing libwebkit2gtk-4.1-dev"
fi
if [ "$(uname -s)" = Linux ] && [ "$what" = test ]; then
	have chromium || have chromium-browser || have google-chrome || missing="$missing chromium"
	have Xvfb || missing="$missing xvfb"
	have xdotool || missing="$missing xdotool"
	have import || missing="$missing imagemagick"
	have ip || missing="$missing iproute2"
	have pdfsig || missing="$missing poppler-utils"
	have qpdf || missing="$missing qpdf"
	have mutool || missing="$missing mupdf-tools"
	have openssl || missing="$missing openssl"
	have ffprobe || missing="$missing ffmpeg"
	[ -n "$(fc-list :lang=zh 2>/dev/null)" ] || missing="$missing fontconfig fonts-noto-cjk"
fi
if [ "$what" != headless ]; then
	have cc || have gcc || have clang || missing="$missing build-essential"
fi

as=
if [ "$(id -u)" != 0 ]; then
	as=sudo
	if have sudo && sudo -n true 2>/dev/null; then as="sudo -n"; fi
fi
if [ -n "$missing" ]; then
	if ! have apt-get; then
		echo "Roundtable needs these to build, please install them:$missing" >&2
		exit 1
	fi
	if [ "$as" = sudo ] && ! { have sudo && [ -t 0 ]; }; then
		echo "Roundtable needs packages that only an administrator can install. Please run:" >&2
		echo "  sudo apt-get update && sudo apt-get install --yes$missing" >&2
		exit 1
	fi
	echo "installing$missing"
	$as env DEBIAN_FRONTEND=noninteractive apt-get update -q
	# shellcheck disable=SC2086 # a list of words
	$as env DEBIAN_FRONTEND=noninteractive apt-get install -q --yes --no-install-recommends $missing
	if ! node_ok; then
		echo "Roundtable needs Node 20.19 or newer; this system's package is older (https://nodejs.org)." >&2
		exit 1
	fi
fi

# The stories run in Chromium without windows where Debian has it in the version of the whole one: it takes a quarter
# less of a processor. Without it they run in the whole one, so nobody is asked and nothing else is changed for it.
if [ "$what" = test ] && [ "$as" != sudo ] && have apt-get && have chromium && ! have chromium-headless-shell; then
	version=$(dpkg-query -W -f '${Version}' chromium 2>/dev/null || true)
	if [ -n "$version" ] && apt-cache madison chromium-headless-shell 2>/dev/null | grep -qF "$version"; then
		$as env DEBIAN_FRONTEND=noninteractive timeout 120 apt-get install -q --yes --no-install-recommends --no-upgrade "chromium-headless-shell=$version" >/dev/null 2>&1 ||
			echo "chromium-headless-shell could not be installed; the stories run in chromium"
	fi
fi

# npm leaves this file in what it installed.
if [ ! -e frontend/node_modules/.package-lock.json ] || [ frontend/package-lock.json -nt frontend/node_modules/.package-lock.json ]; then
	npm --prefix frontend ci --no-audit --no-fund --loglevel=error
	touch frontend/node_modules/.package-lock.json
fi
