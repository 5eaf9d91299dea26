#!/bin/sh
# Run every endpoint with its own socket, SOCKETS/NAME.sock, for a web server
# that starts no programs itself.  With systemd, use systemd/ instead.  Without
# it, run this script in the foreground, under any supervisor.
#
# `make install` copies it to $PREFIX/lib/foldergate.
#
# usage: pool.sh [-n PROCESSES] [-g GROUP] PROGRAMS SOCKETS
#
#   -n PROCESSES	of each endpoint, always (default 2, and never fewer)
#   -g GROUP		the web server's, which may use the sockets (default: ours)
#   PROGRAMS		the directory cgi-bin
#   SOCKETS		a directory for the sockets only, for that group
#
# It runs as the user of the programs, with FOLDERGATE_CONFIG in its environment.
# HUP replaces all processes, as after an upgrade; no request is lost.  TERM ends
# them.  Debian has what it needs: spawn-fcgi, multiwatch.
set -eu
LC_ALL=C
export LC_ALL

usage() {
	echo 'usage: pool.sh [-n PROCESSES] [-g GROUP] PROGRAMS SOCKETS' >&2
	exit 2
}

processes=2 group=
while getopts n:g: option; do
	case $option in
	n)	processes=$OPTARG ;;
	g)	group=$OPTARG ;;
	*)	usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 2 ] || usage
case $processes in
''|*[!0-9]*|0|1)	usage ;;
esac
programs=$1 sockets=$2

keepers=

children() {
	grep -ls "^PPid:[[:space:]]*$1\$" /proc/[0-9]*/status 2>/dev/null |
	    sed 's,^/proc/\(.*\)/status$,\1,'
}

# One socket, and the processes that share it: each that ends is replaced.  At the
# end multiwatch sends USR1; its option -s sends other signals than it is given.
keep() {
	spawn-fcgi -n -s "$sockets/$1.sock" -M 0660 ${group:+-G "$group"} \
	    -b 1024 -- /usr/bin/multiwatch -f "$processes" -r 1000000 \
	    -t 1 -- "$programs/$1" &
	keepers="$keepers $!"
}

# A process finishes its request; what comes in the meantime waits in the socket.
replace() {
	for keeper in $keepers; do
		for child in $(children "$keeper"); do
			kill -s TERM "$child" 2>/dev/null || :
		done
	done
}

end() {
	trap '' HUP INT TERM
	kill -s TERM $keepers 2>/dev/null || :
	wait
	for program in "$programs"/*; do
		rm -f "$sockets/${program##*/}.sock"
	done
	exit "$1"
}

trap replace HUP
trap 'end 130' INT
trap 'end 0' TERM

for program in "$programs"/*; do
	keep "${program##*/}"
done

# A keeper ends only if it cannot start its programs.  A signal ends the wait.
while :; do
	sleep 1 &
	wait $! || :
	for keeper in $keepers; do
		if ! kill -0 "$keeper" 2>/dev/null; then
			echo "pool: $keeper ended" >&2
			end 1
		fi
	done
done
