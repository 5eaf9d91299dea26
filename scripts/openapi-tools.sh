#!/bin/sh
# Install what `make check-openapi` runs: two linters from npm and schemathesis
# from PyPI, in versions that are fixed here.  Exit status 1 if one cannot be had.
#
# usage: sh scripts/openapi-tools.sh DIR
set -eu
LC_ALL=C
export LC_ALL

redocly=2.77.0 spectral=6.16.3 schemathesis=4.32.5
want="$redocly $spectral $schemathesis"

[ $# -eq 1 ] || {
	echo 'usage: sh scripts/openapi-tools.sh DIR' >&2
	exit 2
}
if [ "$(cat "$1/versions" 2>/dev/null)" = "$want" ]; then
	exit 0
fi
rm -rf "$1"
mkdir -p "$1"
# No package runs a script of its own while it is installed.
npm install --prefix "$1" --ignore-scripts --no-audit --no-fund --silent \
    "@redocly/cli@$redocly" "@stoplight/spectral-cli@$spectral"
python3 -m venv "$1/python"
"$1/python/bin/python" -m pip -q install "schemathesis==$schemathesis"
echo "$want" >"$1/versions"
