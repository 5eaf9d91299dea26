#!/bin/sh
# What a container runs.
#
# usage: container.sh all|serve|chain-sync|bucket-sync|healthy|COMMAND ...
#
#   all		the endpoints, the web server and both sync programs
#   serve	the endpoints and the web server
#   chain-sync, bucket-sync	one of them, for a container of its own
#   healthy	exit 0 if the web server answers
#   COMMAND	anything else is run as it is, such as foldergate usage
#
# /var/lib/foldergate is the one place that it writes to, and /tmp.  Settings come
# from /etc/foldergate/foldergate.conf, or from variables such as
# FOLDERGATE_S3_BUCKET.
set -eu
LC_ALL=C
export LC_ALL

lib=/usr/lib/foldergate
state=/var/lib/foldergate
port=8000

say() {
	echo "foldergate: $*" >&2
}

# The file, or else one that holds nothing but what the variables leave open.
configure() {
	FOLDERGATE_CONFIG=${FOLDERGATE_CONFIG:-/etc/foldergate/foldergate.conf}
	export FOLDERGATE_CONFIG
	[ ! -e "$FOLDERGATE_CONFIG" ] || return 0
	FOLDERGATE_CONFIG=/tmp/foldergate.conf
	: "${FOLDERGATE_STATE_DIRECTORY:=$state/state}"
	: "${FOLDERGATE_STATE_SHARED:=$state/shared}"
	export FOLDERGATE_STATE_DIRECTORY FOLDERGATE_STATE_SHARED
	: >"$FOLDERGATE_CONFIG"
}

# Without a bucket no grant can be made.  Then serve placeholders, so that
# /healthcheck answers, and say what to set.
need_bucket() {
	configured=yes
	if [ "$FOLDERGATE_CONFIG" != /tmp/foldergate.conf ] ||
	    [ -n "${FOLDERGATE_S3_BUCKET:-}" ]; then
		return 0
	fi
	configured=no
	say 'nothing is configured: no grant is made until you set'
	say '  -v /etc/foldergate:/etc/foldergate:ro  with foldergate.conf, or'
	say '  -e FOLDERGATE_S3_ENDPOINT=https://...   the store'
	say '  -e FOLDERGATE_S3_BUCKET=...             the bucket'
	say '  -e FOLDERGATE_S3_PROVIDER=...           aws, ceph, spaces, minio, r2'
	say '  -e FOLDERGATE_S3_ACCESS_KEY_ID=...      and its secret, in a file:'
	say '  -e FOLDERGATE_S3_SECRET_ACCESS_KEY_FILE=/run/secrets/s3'
	say '  -e FOLDERGATE_CHAIN_ENDPOINTS=https://...   a node'
	say 'See docs/docker.md.  /readyz names what is missing.'
	FOLDERGATE_S3_ENDPOINT=https://store.invalid
	FOLDERGATE_S3_BUCKET=not-configured
	FOLDERGATE_S3_REGION=none
	FOLDERGATE_S3_ACCESS_KEY_ID=NOTCONFIGUREDKEYID
	FOLDERGATE_S3_SECRET_ACCESS_KEY_FILE=/nonexistent/s3.secret
	export FOLDERGATE_S3_ENDPOINT FOLDERGATE_S3_BUCKET FOLDERGATE_S3_REGION
	export FOLDERGATE_S3_ACCESS_KEY_ID FOLDERGATE_S3_SECRET_ACCESS_KEY_FILE
}

directories() {
	if ! mkdir -p "$state/state" "$state/shared" "$state/uploads" \
	    2>/dev/null; then
		say "cannot write to $state: give it a volume that belongs" \
		    'to the user 10001'
		exit 1
	fi
	chmod 700 "$state/state" "$state/shared" "$state/uploads"
	sockets=/tmp/foldergate
	rm -rf "$sockets"
	mkdir -m 700 "$sockets"
}

# The shipped configuration, with the values of a container.
write_web_conf() {
	sed -e "s|/run/foldergate|$sockets|" \
	    -e 's|^\(server.bind = \).*|\1"0.0.0.0"|' \
	    -e "s|^\(server.port = \).*|\1$port|" \
	    -e '/^server\.username = /d' -e '/^server\.groupname = /d' \
	    -e 's|^\([a-z.]*log\(.filename\)\{0,1\} = \).*|\1"/dev/stderr"|' \
	    -e "s|/var/cache/lighttpd/uploads|$state/uploads|" \
	    /usr/share/foldergate/lighttpd-conf/lighttpd.conf \
	    >/tmp/lighttpd.conf
}

children=

start() {
	"$@" &
	children="$children $!"
}

end() {
	trap '' HUP INT TERM
	kill -s TERM $children 2>/dev/null || :
	wait
	exit "$1"
}

# If one ends, all end, and the container is started again.
keep() {
	trap 'end 0' INT TERM
	while :; do
		for child in $children; do
			if ! kill -0 "$child" 2>/dev/null; then
				say "a program ended"
				end 1
			fi
		done
		sleep 1 &
		wait $! || :
	done
}

serve() {
	directories
	write_web_conf
	start sh "$lib/pool.sh" "$lib/cgi-bin" "$sockets"
	start lighttpd -D -f /tmp/lighttpd.conf
}

healthy() {
	exec bash -c "exec 3<>/dev/tcp/127.0.0.1/$port &&
	    printf 'GET /healthz HTTP/1.0\r\n\r\n' >&3 &&
	    read -r _ code _ <&3 && [ \"\$code\" = 200 ]"
}

case ${1-} in
all)
	configure
	need_bucket
	serve
	if [ "$configured" = yes ]; then
		start chain-sync
		start bucket-sync
	fi
	keep ;;
serve)
	configure
	need_bucket
	serve
	keep ;;
chain-sync|bucket-sync)
	configure
	mkdir -p "$state/state"
	exec "$1" ;;
healthy)
	healthy ;;
*)
	configure
	exec "$@" ;;
esac
