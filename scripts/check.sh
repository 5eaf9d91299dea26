#!/bin/sh
# Installs what is missing, builds with gcc and with clang, runs every test.
# The last line tells how many passed, failed and were skipped; exit status 0
# only if none failed.
#
# usage: sh scripts/check.sh [PART ...]	parts: unit check http client chain
#					bucket state server s3; default: all
set -eu
LC_ALL=C
export LC_ALL

cd "$(dirname "$0")/.."
scripts=scripts
. scripts/processes.sh
log=build/check.tap

usage() {
	echo "usage: sh scripts/check.sh [unit|check|http|client|chain|bucket|state|server|s3 ...]" >&2
	exit 2
}

say() {
	printf '\n--- %s\n' "$*"
}

# Compilers and tests run in a session of their own, one command at a time.
in_session() {
	phase=apart
	apart "$@"
	code=0
	await_apart || code=$?
	phase=
	return $code
}

# Tests that hear TERM stop their servers, for which Ceph takes a while.
finish() {
	hear_no_signal
	case $phase in
	packages)	end_packages ;;
	apart)		say 'stopping' || :
			end_session $! 90 || : ;;
	esac
	exit "$1"
}

# The product, its test programs, and those again under the sanitizers: there,
# address and undefined behaviour are checked in every unit test and by a
# deterministic fuzzer.  HARDEN= there: checks of glibc's would stand before the
# sanitizers' own.
build() {
	say 'building with gcc'
	in_session make -s -j2 CC=gcc all test-programs
	say 'building with clang'
	in_session make -s -j2 CC=clang B=build/clang all test-programs
	say 'building with gcc and its sanitizers'
	in_session make -s -j2 CC=gcc B=build/san HARDEN= \
	    CFLAGS='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover' \
	    LDFLAGS='-fsanitize=address,undefined' unit-programs fuzz-programs
}

tests_of() {
	case $1 in
	unit)	ls build/unit/*.t build/clang/unit/*.t build/san/unit/*.t \
		    build/san/fuzz/*.t ;;
	*)	ls tests/"$1"/*.t ;;
	esac
}

# Each test file is a program that prints TAP; prove runs two at a time.  They
# note in build/answers/ what the endpoints answered, and in build/secrets/ where
# they looked for secrets.
run() {
	status=0
	rm -rf build/answers build/secrets
	mkdir -p build/answers build/secrets
	in_session env BUILD=build prove -j2 -v --timer --exec '' "$@" \
	    >$log 2>&1 || status=$?
	return $status
}

# What reads the notes of all parts, and so comes after them.
run_last() {
	in_session env BUILD=build prove -v --timer --exec '' tests/last/*.t \
	    >>$log 2>&1
}

# prove says what went wrong; what it printed per test stays in the log.
report() {
	grep -E '^(not ok|#.*[Ff]ailed)|Dubious|Result: FAIL|Failed test|^Bad plan' \
	    $log || :
	grep -iE '^ok .*# *skip' $log || :
	awk -v status="$1" '
	/^ok .*# *[Ss][Kk][Ii][Pp]/ { skipped++; next }
	/^1\.\.0 .*# *[Ss][Kk][Ii][Pp]/ { skipped++; next }
	/^ok / { passed++ }
	/^not ok / { failed++ }
	END {
		# A test that died, or ran fewer than it planned.
		if (status != 0 && failed == 0)
			failed = 1
		printf "\n%d passed, %d failed, %d skipped\n",
		    passed, failed, skipped
		exit passed == 0 || failed > 0
	}' $log
}

whole=
if [ $# -eq 0 ]; then
	whole=1
	set -- unit check http client chain bucket state server s3
fi
for part; do
	[ -d "tests/$part" ] || usage
done
trap 'finish $?' EXIT
trap 'finish 129' HUP
trap 'new_line; finish 130' INT
trap 'new_line; finish 131' QUIT
trap 'finish 143' TERM
packages test
build
say "testing: $*"
tests=
for part; do
	tests="$tests $(tests_of "$part")"
done
status=0
run $tests || status=$?
[ -z "$whole" ] || run_last || status=$?
report $status
