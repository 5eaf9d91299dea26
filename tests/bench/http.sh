#!/bin/sh
# get-folder-access through lighttpd, two processes, 16 connections, against the
# same program answering a constant; then 100,000 requests for its memory.
# Prints figures; passes no judgement.  usage: http.sh BUILD SECONDS
set -eu

build=$1 seconds=$2
dir=$(mktemp -d)
port=$((20000 + $$ % 12000))
export FOLDERGATE_CONFIG="$dir/foldergate.conf"
trap 'kill "$(cat "$dir/pid")"; sleep 1; rm -rf "$dir"' EXIT

site() {
	mkdir "$dir/programs" "$dir/state"
	cp "$build/cgi-bin/get-folder-access" "$build/bench/constant" \
	    "$dir/programs"
	(umask 077; echo not-a-real-secret >"$dir/secret")
	cat >"$FOLDERGATE_CONFIG" <<-C
		[s3]
		endpoint = http://127.0.0.1:1
		region = us-east-1
		bucket = bench
		access_key_id = bench
		secret_access_key_file = $dir/secret
		[state]
		directory = $dir/state
		[limits]
		replay = allow
		folder_grants = 1000000000
	C
	cold=$("$build/bin/foldergate" keygen "$dir/cold")
	hot=$("$build/bin/foldergate" keygen "$dir/hot")
	printf '{"netuid":13,"block":1,"neurons":[{"uid":0,"hotkey":"%s",' \
	    "$hot" >"$dir/snapshot"
	printf '"coldkey":"%s","permit":false,"alpha_stake_rao":0}]}' \
	    "$cold" >>"$dir/snapshot"
	"$build/bin/foldergate" snapshot import "$dir/snapshot" >"$dir/log"
}

serve() {
	cat >"$dir/lighttpd.conf" <<-C
		var.foldergate_share = "$(pwd)"
		var.foldergate_by = "spawn"
		var.foldergate_body_kb := 64
		var.foldergate_programs = "$dir/programs"
		var.foldergate_config = "$FOLDERGATE_CONFIG"
		var.foldergate_sockets = "$dir"
		var.foldergate_processes = 2
		server.modules += ( "mod_fastcgi", "mod_redirect" )
		server.bind = "127.0.0.1"
		server.port = $port
		server.pid-file = "$dir/pid"
		server.errorlog = "$dir/error.log"
		server.breakagelog = "$dir/programs.log"
		server.document-root = "/dev/null"
		var.endpoint := "get-folder-access"
		include var.foldergate_share + "/lighttpd-conf/endpoint.conf"
		var.endpoint := "constant"
		include var.foldergate_share + "/lighttpd-conf/endpoint.conf"
	C
	lighttpd -f "$dir/lighttpd.conf"
	until curl -s -o "$dir/answer" "http://127.0.0.1:$port/"; do
		sleep 0.1
	done
}

# What a load needs signed; good for five minutes.
sign() {
	"$build/bin/foldergate" sign miner --hotkey "$dir/hot" \
	    --coldkey "$cold" >"$dir/body"
	{
		printf 'wrk.method = "POST"\nwrk.body = [[\n'
		cat "$dir/body"
		echo ']]'
	} >"$dir/post.lua"
}

rate() {
	wrk -t1 -c16 -d"$2s" -s "$dir/post.lua" "http://127.0.0.1:$port/$1" \
	    >"$dir/wrk"
	! grep 'Non-2xx' "$dir/wrk" >&2
	awk '/^Requests\/sec/ { print $2 }' "$dir/wrk"
}

# Clock ticks that the programs have used.
cpu() {
	for pid in $(pgrep -f "^$dir/programs/get-folder-access\$"); do
		cat "/proc/$pid/stat"
	done | sed 's/.*) //' | awk '{ t += $12 + $13 } END { print t }'
}

memory() {
	for pid in $(pgrep -f "^$dir/programs/get-folder-access\$"); do
		awk -v p="$1" '/^RssAnon/ { print p, $2, "kB" }' \
		    "/proc/$pid/status"
	done
}

site
serve
sign
for round in 1 2 3; do
	constant=$(rate constant "$seconds")
	before=$(cpu)
	real=$(rate get-folder-access "$seconds")
	used=$(($(cpu) - before))
	awk -v c="$constant" -v r="$real" 'BEGIN { printf "get-folder-access " \
	    "%.0f/s, constant %.0f/s, ratio %.2f", r, c, r / c }'
	awk -v t="$used" -v hz="$(getconf CLK_TCK)" -v r="$real" \
	    -v s="$seconds" 'BEGIN { printf "; %.0f us of CPU in the program " \
	    "for each\n", t / hz * 1e6 / (r * s) }'
done
decision=$("$build/bench/ledger" cpu)
awk -v d="$decision" -v t="$used" -v hz="$(getconf CLK_TCK)" -v r="$real" \
    -v s="$seconds" 'BEGIN { printf "a decision of the ledger alone: %.0f us, " \
    "%.0f %% of that\n", d, 100 * d / (t / hz * 1e6 / (r * s)) }'
memory "RssAnon of get-folder-access so far:"
n=0
while [ "$n" -lt 100000 ]; do
	sign
	more=$(rate get-folder-access 4)
	n=$(awk -v n="$n" -v m="$more" 'BEGIN { printf "%d", n + 4 * m }')
done
memory "RssAnon after $n requests more:"
