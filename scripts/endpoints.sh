#!/bin/sh
# Write endpoints.conf for each web server, and foldergate.target for systemd, from
# what the endpoints declare: `make endpoints`.  They are committed, so that a
# server can be configured from the tree as it is.
#
# usage: sh scripts/endpoints.sh DIR	lines of `NAME METHOD BYTES`, the largest
#					body, on standard input; DIR is the tree
set -eu
LC_ALL=C
export LC_ALL

USUAL=65536 LARGE=1310720
made='Made by `make endpoints` from what the programs of cgi-bin/ declare.'

declared=$(sort)
mkdir -p "$1"
cd "$1"
mkdir -p lighttpd-conf apache-conf nginx-conf caddy-conf systemd

# names BYTES: those whose body has so many bytes at most, or all; as one regular
# expression.
names() {
	printf '%s\n' "$declared" |
	    awk -v max="${1-}" 'max == "" || $3 == max { print $1 }' | paste -sd '|'
}

# Two limits are what the files of the servers can tell apart.
others=$(printf '%s\n' "$declared" |
    awk -v a=$USUAL -v b=$LARGE 'NF != 3 || $3 != a && $3 != b')
if [ -z "$declared" ] || [ -n "$others" ]; then
	echo "endpoints: not NAME METHOD $USUAL or $LARGE: $others" >&2
	exit 1
fi

lighttpd() {
	echo "# $made"
	printf '%s\n' "$declared" | while read -r name method bytes; do
		cat <<-C

			var.endpoint := "$name"
			var.foldergate_body_kb := $((bytes / 1024))
			include var.foldergate_share + "/lighttpd-conf/endpoint.conf"
		C
	done
}

apache() {
	cat <<-C
		# $made
		Define FOLDERGATE_ENDPOINTS "$(names)"
		# A body has $USUAL bytes at most; of these, $LARGE.
		Define FOLDERGATE_LARGE "$(names $LARGE)"
	C
}

nginx() {
	cat <<-C
		# $made

		location ~ "^/(?<foldergate>$(names $USUAL))\\z" {
		 	client_max_body_size $((USUAL / 1024))k;
		 	include /usr/local/share/foldergate/nginx-conf/endpoint.conf;
		}

		location ~ "^/(?<foldergate>$(names $LARGE))\\z" {
		 	client_max_body_size $((LARGE / 1024))k;
		 	include /usr/local/share/foldergate/nginx-conf/endpoint.conf;
		}

		# A slash too many: the same request, method and body, without it.
		location ~ "^/(?<foldergate>$(names))/\\z" {
		 	include /usr/local/share/foldergate/nginx-conf/headers.conf;
		 	return 307 /\$foldergate\$is_args\$args;
		}
	C
}

caddy() {
	cat <<-C
		# $made
		@usual path_regexp usual ^/($(names $USUAL))\$
		@large path_regexp large ^/($(names $LARGE))\$
		@slash path_regexp slash ^/($(names))/\$
	C
}

systemd() {
	cat <<-C
		# $made
		# All of foldergate: a socket for each endpoint, and the sync programs.

		[Unit]
		Description=foldergate
	C
	printf 'Wants=foldergate@%s.socket\n' $(names | tr '|' ' ')
	cat <<-C
		Wants=foldergate-chain-sync.service
		Wants=foldergate-bucket-sync.service

		[Install]
		WantedBy=multi-user.target
	C
}

lighttpd >lighttpd-conf/endpoints.conf
apache >apache-conf/endpoints.conf
caddy >caddy-conf/endpoints.conf
nginx | sed 's/^ 	/	/' >nginx-conf/endpoints.conf
systemd >systemd/foldergate.target
