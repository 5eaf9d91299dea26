#!/bin/sh
# Run the programs of docs/clients.md with the versions that the page names.  What
# cannot be downloaded is skipped.
#
# usage: BUILD=DIR sh scripts/check-clients.sh
set -eu
LC_ALL=C
export LC_ALL

cd "$(dirname "$0")/.."
build=${BUILD:-build}
dir=$build/clients
mkdir -p "$dir"
dir=$(cd "$dir" && pwd) page=$PWD/docs/clients.md

# named COMMAND: what that command of the page is given.
named() {
	sed -n "s/.*\`$1 \([^\`]*\)\`.*/\1/p" "$page"
}

python() {
	python3 -m venv "$dir/python" &&
	    "$dir/python/bin/pip" -q install $(named 'pip install')
}

js() {
	mkdir -p "$dir/js" && cd "$dir/js" && node --version >/dev/null &&
	    npm install --silent --no-audit --no-fund $(named 'npm install')
}

# One package at a time: a build takes all of a machine otherwise.
go_module() {
	mkdir -p "$dir/go" && cd "$dir/go" &&
	    printf 'module client\n\ngo 1.20\n' >go.mod &&
	    go get $(named 'go get')
}

GOPATH=$dir/gopath GOMODCACHE=$dir/gomodcache GOCACHE=$dir/gocache
GOFLAGS='-p=1 -modcacherw'
export GOPATH GOMODCACHE GOCACHE GOFLAGS
for each in python js go; do
	[ -e "$dir/$each/done" ] && continue
	case $each in
	go)	get=go_module ;;
	*)	get=$each ;;
	esac
	(cd "$PWD" && $get) && : >"$dir/$each/done" || {
		echo "$each: what docs/clients.md names cannot be had here" >&2
		rm -rf "${dir:?}/$each"
	}
done
CLIENTS=$dir BUILD=$build prove -v --exec '' tests/s3/clients-page.t
