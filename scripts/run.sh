#!/bin/sh
# Build foldergate and show it at work on this machine: chain-sync learns from a
# stand-in node who is registered; a miner proves its hotkey with curl, gets a
# signed POST policy for its own folder, and uploads to a real S3 server; a
# validator finds and downloads what is there.  See usage() below.
set -eu
LC_ALL=C
export LC_ALL

scripts=$(cd "$(dirname "$0")" && pwd -P)
root=${scripts%/*}
. "$scripts/processes.sh"

usage() {
	cat <<'U'
usage: sh scripts/run.sh [--port N] [--dir D] [--once]

Installs what is missing (apt-get, as root or through sudo), builds, starts an
S3 server, a stand-in for a chain node and lighttpd on 127.0.0.1, makes two demo
miners and a validator and shows the main job step by step.  Then it stays up
until Ctrl-C.

  --port N	port of foldergate (default 8000); free ports are found for the
		other servers
  --dir D	directory for everything it writes (default ./run)
  --once	exit after the last step: 0 if every step gave exactly the
		expected status, 1 otherwise

Ctrl-C at any time stops all that was started, and waits until it has ended.
Ctrl-Z pauses the steps; the servers go on.
U
}

die() {
	echo "run: $*" >&2
	exit 1
}

# --- the end -----------------------------------------------------------------

# The demo starts what it knows by name, and commands that it waits for.  Both
# end in this order: its shell, so that it starts nothing more; the servers, by
# name; the commands; the store.
end_demo() {
	stop "$!:$(started $!)" || :
	echo 'run: stopping' >&2 || :
	stop_remembered
	end_session $! 30 || :
	sh "$scripts/s3-server.sh" down "$dir/s3" || :
	rm -f "$dir/secret" "$dir/session"
	case $sockets in
	"$dir"/*)	rm -rf "$dir/sock" ;;
	/*)		rm -rf "$sockets" "$dir/sockets" ;;
	esac
	echo 'run: stopped' >&2 || :
}

finish() {
	hear_no_signal
	case $phase in
	packages)	end_packages ;;
	apart)		end_demo ;;
	esac
	exit "$1"
}

# --- where, and whether we may -----------------------------------------------

port_is_taken() {
	hex=$(printf '%04X' "$1")
	cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
	    awk -v p=":$hex\$" '$2 ~ p && $4 == "0A" { found = 1 }
		END { exit !found }'
}

check_port() {
	case $port in
	''|*[!0-9]*|??????*)	die "not a port: $port" ;;
	esac
	[ "$port" -ge 1 ] && [ "$port" -le 65535 ] || die "not a port: $port"
}

# Asked once what a former run left in our directory is gone.
check_port_is_free() {
	! port_is_taken "$port" ||
	    die "port $port is in use; choose another one with --port N"
}

# check_path PATH REMEDY: paths go into configuration files and into commands
# that are printed.
check_path() {
	case $1 in
	*[!A-Za-z0-9._/+@,~=-]*)
		die "a blank or a special character in the path $1: $2" ;;
	esac
}

# A directory of ours has this file; who runs there holds a lock on it.
claim_dir() {
	marker=.foldergate-run
	check_path "$dir" "choose another one with --dir D"
	if [ -e "$dir" ] && [ ! -e "$dir/$marker" ] &&
	    [ -n "$(ls -A "$dir")" ]; then
		die "$dir is neither empty nor from a former run"
	fi
	mkdir -p "$dir"
	dir=$(cd "$dir" && pwd -P)
	check_path "$dir" "choose another one with --dir D"
	exec 9>>"$dir/$marker"
	flock -n 9 ||
	    die "another run uses $dir; choose another one with --dir D"
}

# The session of a former run's demo, if a process of it is there: its number
# may be somebody's by now, but not with our configuration.
former_session() {
	former=$(cat "$dir/session" 2>/dev/null) || return 0
	case $former in
	''|*[!0-9]*)	return 0 ;;
	esac
	for pid in $(members "$former"); do
		if grep -qszFx -e "FOLDERGATE_CONFIG=$FOLDERGATE_CONFIG" \
		    "/proc/$pid/environ"; then
			echo "$former"
			break
		fi
	done
}

# What a former run left, killed before it could clean up.
clear_dir() {
	for left in "$dir"/*.started "$dir/s3/ceph/run" "$dir/session"; do
		if [ -e "$left" ]; then
			echo 'run: stopping what a former run left'
			break
		fi
	done
	former=$(former_session)
	[ -z "$former" ] || stop "$former:$(started "$former")" || :
	stop_remembered
	[ -z "$former" ] || end_session "$former" 30 || :
	sh "$scripts/s3-server.sh" down "$dir/s3"
	left=$(cat "$dir/sockets" 2>/dev/null) || :
	case $left in
	/tmp/foldergate.??????)	rm -rf "$left" ;;
	esac
	for name in $made; do
		rm -rf "${dir:?}/$name"
	done
}

# A unix socket's path holds 107 bytes, and lighttpd adds a program's name.  The
# directory is empty at each start: clear_dir() took the old one away.
choose_sockets() {
	if [ ${#dir} -le 50 ]; then
		mkdir -m 700 "$dir/sock"
		sockets=$dir/sock
	else
		sockets=$(mktemp -d /tmp/foldergate.XXXXXX)
		echo "$sockets" >"$dir/sockets"
	fi
}

# --- main --------------------------------------------------------------------

port=8000 dir=./run once=
while [ $# -gt 0 ]; do
	case $1 in
	--port|--dir)
		[ $# -ge 2 ] || { usage >&2; exit 2; }
		eval "${1#--}=\$2"
		shift 2
		;;
	--once)		once=1; shift ;;
	-h|--help)	usage; exit 0 ;;
	*)		usage >&2; exit 2 ;;
	esac
done

made='answer audit.key body.json foldergate.conf grant.json lighttpd.conf log neurons.json node.port
    posts.csv s3 secret session sock sockets state uploads wallets'
sockets=

check_path "$root" "move the checkout to a path without, such as ~/foldergate"
check_port
claim_dir
FOLDERGATE_CONFIG=$dir/foldergate.conf
export FOLDERGATE_CONFIG
trap 'finish $?' EXIT
trap 'finish 129' HUP
trap 'new_line; finish 130' INT
trap 'new_line; finish 131' QUIT
trap 'finish 143' TERM

clear_dir
check_port_is_free
packages run
phase=apart
(umask 077 && mkdir "$dir/log")
choose_sockets
apart sh "$scripts/demo.sh" "$dir" "$port" "$sockets" $once
trap pause_apart TSTP
result=0
await_apart || result=$?
finish $result
