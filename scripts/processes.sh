# Functions for the other scripts, which source this file: to start a process
# where the terminal's Ctrl-C does not reach it, to end it and all that it
# started, and to show that time passes while it works.
set -eu
LC_ALL=C
export LC_ALL

# --- one process -------------------------------------------------------------

# Start time of a process, in ticks since boot: with it a pid names one process
# forever.  Nothing if there is no such process, or it has ended.
started() {
	line=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
	set -- ${line##*) }
	[ "$1" = Z ] || echo "${20}"
}

# The children of a process, as pid:start.
children() {
	for file in $(grep -ls "^PPid:[[:space:]]*$1\$" /proc/[0-9]*/status \
	    2>/dev/null); do
		pid=${file#/proc/} pid=${pid%/status}
		echo "$pid:$(started "$pid")"
	done
}

# End pid:start: TERM, after 10 s KILL; returns when it is gone.  CONT lets a
# stopped process see TERM.
stop() {
	pid=${1%:*} start=${1#*:} tries=0
	[ -n "$start" ] || return 0
	while [ "$(started "$pid")" = "$start" ]; do
		case $tries in
		0)	kill -s TERM "$pid" 2>/dev/null || :
			kill -s CONT "$pid" 2>/dev/null || : ;;
		200)	kill -s KILL "$pid" 2>/dev/null || : ;;
		300)	echo "$pid does not end" >&2; return 1 ;;
		esac
		tries=$((tries + 1))
		sleep 0.05
	done
}

# --- a session ---------------------------------------------------------------

# A terminal sends Ctrl-C, Ctrl-\ and Ctrl-Z to the processes of its own session
# only.  What runs in another session is stopped by us alone, in our order.

# apart COMMAND ...: start it in a session of its own.  Its pid is $apart, which
# is also the session's number.
apart() {
	setsid "$@" 9>&- &
	apart=$!
}

# The pids of the processes of a session that have not ended.
members() {
	cat /proc/[0-9]*/stat 2>/dev/null |
	    sed -n "s/^\([0-9]*\) (.*) [^ZX] [0-9]* [0-9]* $1 .*/\1/p"
}

# end_session NUMBER SECONDS: TERM to the session's leader, which then starts
# nothing more; TERM to each other process of it; KILL to those that are left
# after that time.  Returns when it is empty.  A process that starts while it
# empties is somebody's cleaning up: it gets no TERM.
end_session() {
	stop "$1:$(started "$1")" || :
	left=$(members "$1")
	[ -z "$left" ] || kill -s TERM $left 2>/dev/null || :
	[ -z "$left" ] || kill -s CONT $left 2>/dev/null || :
	tries=0
	while left=$(members "$1") && [ -n "$left" ]; do
		tries=$((tries + 1))
		if [ $tries -gt $(($2 * 10)) ]; then
			kill -s KILL $left 2>/dev/null || :
		fi
		[ $tries -le $(($2 * 10 + 100)) ] || return 1
		sleep 0.1
	done
}

# Wait until the command of apart() has ended; its status.  A signal with a trap
# is heard at once, and ends no more than one wait.
await_apart() {
	code=0
	while :; do
		wait "$apart" && code=0 || code=$?
		[ -n "$(started "$apart")" ] || return $code
	done
}

# On Ctrl-Z: what runs apart pauses with us.  Its servers go on.
pause_apart() {
	kill -s STOP "$apart" 2>/dev/null || :
	kill -s STOP $$
	kill -s CONT "$apart" 2>/dev/null || :
}

# --- processes that $dir knows by name ---------------------------------------

# In the order in which they end.
processes='lighttpd chain-sync bucket-sync node'

# Remember a process that we started, by a name, with its children: lighttpd
# tells its programs to stop but does not wait for them.
remember() {
	echo "$2:$(started "$2")" >"$dir/$1.new"
	children "$2" >>"$dir/$1.new"
	mv "$dir/$1.new" "$dir/$1.started"
}

# Does the process of that name run?  It is in $process then.
runs() {
	[ -s "$dir/$1.started" ] || return 1
	process=$(head -n 1 "$dir/$1.started")
	[ -n "${process#*:}" ] &&
	    [ "$(started "${process%:*}")" = "${process#*:}" ]
}

stop_remembered() {
	for name in $processes; do
		if runs $name; then
			remember $name "${process%:*}"
		fi
		for process in $(cat "$dir/$name.started" 2>/dev/null); do
			stop "$process" || :
		done
		rm -f "$dir/$name.started" "$dir/$name.new"
	done
}

# --- what a script waits for -------------------------------------------------

# What was started last is $!, which the shell sets in one step with the start:
# no signal comes between.  phase says what it is: packages, apart, or nothing.
phase=

# packages WORD: install them, through setup.sh.
packages() {
	phase=packages
	sh "$scripts/setup.sh" "$1" 9>&- &
	code=0
	wait $! || code=$?
	phase=
	return $code
}

# Returns when apt-get has ended, however long dpkg takes.
end_packages() {
	[ -n "$(started "${!-0}")" ] || return 0
	kill -s TERM $! 2>/dev/null || :
	kill -s CONT $! 2>/dev/null || :
	wait $! || :
	new_line
}

# After the ^C that a terminal shows, or a line that moved.
new_line() {
	[ ! -t 1 ] || echo || :
}

# From here on, no signal is heard: what ends has bounds, then KILL.
hear_no_signal() {
	trap - EXIT
	trap '' HUP INT QUIT TERM TSTP PIPE
}

# --- progress ----------------------------------------------------------------

# May a line be written over?
is_terminal() {
	[ -t 1 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM-dumb}" != dumb ]
}

uptime_s() {
	read -r uptime _ </proc/uptime
	echo "${uptime%.*}"
}

# busy TEXT LOG COMMAND ...: run the command, its output at the end of LOG, and
# show for how long: a terminal gets a line that moves, all else a line every
# few seconds.  If the command fails, so does busy(), and the end of LOG is
# shown.
busy() {
	text=$1 log=$2
	shift 2
	printf '%s (log: %s)\n' "$text" "$log" || :
	"$@" >>"$log" 2>&1 &
	begin=$(uptime_s) shown=0
	while [ -n "$(started $!)" ]; do
		passed=$(($(uptime_s) - begin))
		if is_terminal; then
			printf '\r%s: %d s ' "$text" "$passed" || :
		elif [ $passed -ge $((shown + 3)) ]; then
			echo "$text: $passed s" || :
			shown=$passed
		fi
		sleep 0.2 || :
	done
	code=0
	wait $! || code=$?
	passed=$(($(uptime_s) - begin))
	! is_terminal || printf '\r' || :
	if [ $code -eq 0 ]; then
		printf '%s: done in %d s\n' "$text" "$passed" || :
	else
		printf '%s: failed; the end of %s:\n' "$text" "$log" >&2 || :
		tail -n 20 "$log" >&2 || :
	fi
	return $code
}
