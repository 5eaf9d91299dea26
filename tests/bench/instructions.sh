#!/bin/sh
# Instructions per call of functions of a benchmark, which it calls CALLS times
# each when it is given a name.
#
# usage: sh tests/bench/instructions.sh PROGRAM CALLS FUNCTION ...
set -eu

command -v valgrind >/dev/null || {
	echo "instructions: not counted, there is no valgrind"
	exit 0
}
program=$1 calls=$2
shift 2
for f; do
	valgrind --tool=callgrind --callgrind-out-file=/dev/null \
	    --toggle-collect="$f" "$program" "$f" 2>&1 |
	    awk -v f="$f" -v calls="$calls" '
	/Collected/ { printf "%-20s %9.0f instructions\n", f, $NF / calls }'
done
