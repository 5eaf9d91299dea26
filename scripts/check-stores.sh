#!/bin/sh
# Build other object stores from the Go module proxy into build/stores, and run
# foldergate against each: tests/stores/.  Each is on 127.0.0.1, in a directory
# of its own.  It takes long the first time, since these are large programs.
#
# usage: sh scripts/check-stores.sh [minio] [versity] [seaweedfs]   default: all
set -eu
LC_ALL=C
export LC_ALL

cd "$(dirname "$0")/.."
stores=$PWD/${BUILD:-build}/stores

skip() {
	echo "SKIP: $*"
}

# The programs as they were measured.
module_of() {
	case $1 in
	minio)	echo github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c ;;
	versity)
		echo github.com/versity/versitygw/cmd/versitygw@v1.8.0 ;;
	seaweedfs)
		echo github.com/seaweedfs/seaweedfs/weed@v0.0.0-20261109003541-7506e5f91cd6 ;;
	*)	echo "usage: $0 [minio] [versity] [seaweedfs]" >&2
		exit 2 ;;
	esac
}

# In a module of our own, since `go install` refuses a module that replaces
# others, as SeaweedFS does.
build() {
	module=$(module_of "$1")
	[ ! -x "$stores/$1" ] || return 0
	echo "building $1: some minutes"
	mkdir -p "$stores/go-$1"
	(
		cd "$stores/go-$1"
		[ -f go.mod ] || go mod init stores
		go get "$module"
		go build -buildvcs=false -o "$stores/$1.new" "${module%@*}"
	) >"$stores/$1.log" 2>&1 && mv "$stores/$1.new" "$stores/$1"
}

[ $# -gt 0 ] || set -- versity minio seaweedfs
for name; do
	module_of "$name" >/dev/null
done
if ! command -v go >/dev/null; then
	skip 'Go is not installed, so no other store was run'
	exit 0
fi
mkdir -p "$stores"
tests=
for name; do
	if build "$name"; then
		tests="$tests tests/stores/$name.t"
	else
		skip "$name cannot be built here; see $stores/$name.log"
	fi
done
[ -n "$tests" ] || exit 0
BUILD=${BUILD:-build} STORES=$stores prove -v --exec '' $tests
