#!/bin/sh
# Build a libcurl.a with nothing in it but HTTP, TLS by OpenSSL and a resolver:
# Debian's own needs libraries that have no archive.  The source is Debian's,
# with its patches, checked by apt.  It takes a minute and 5 MB, and dpkg-dev.
#
# usage: sh scripts/static-curl.sh DIR	(writes DIR/libcurl.a)
set -eu
LC_ALL=C
export LC_ALL

[ $# -eq 1 ] || {
	echo 'usage: sh scripts/static-curl.sh DIR' >&2
	exit 2
}
mkdir -p "$1"
dir=$(cd "$1" && pwd)
log=$dir/log

die() {
	echo "static-curl: $*; see $log" >&2
	exit 1
}

# The sources of the packages that this machine has, in lists of our own.
fetch() {
	rm -rf "$dir/apt" "$dir/source"
	mkdir -p "$dir/apt/parts" "$dir/apt/lists/partial" \
	    "$dir/apt/cache/archives/partial" "$dir/source"
	for list in /etc/apt/sources.list.d/*.sources; do
		[ -e "$list" ] || continue
		sed 's/^Types:.*/Types: deb-src/' "$list" \
		    >"$dir/apt/parts/${list##*/}"
	done
	for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ -e "$list" ] || continue
		sed -n 's/^deb /deb-src /p' "$list" \
		    >"$dir/apt/parts/$(basename "$list" .list).list"
	done
	set -- -o Dir::Etc::SourceList=/dev/null \
	    -o "Dir::Etc::SourceParts=$dir/apt/parts" \
	    -o "Dir::State::Lists=$dir/apt/lists" \
	    -o "Dir::Cache=$dir/apt/cache" -o APT::Sandbox::User=root
	apt-get "$@" update
	cd "$dir/source"
	apt-get "$@" source curl
}

build() {
	cd "$dir"/source/curl-*/
	sh ./configure --disable-shared --with-openssl --without-zlib \
	    --without-brotli --without-zstd --without-libidn2 --without-libpsl \
	    --without-nghttp2 --without-librtmp --without-libssh2 \
	    --disable-ldap --disable-ldaps --disable-rtsp --disable-dict \
	    --disable-telnet --disable-tftp --disable-pop3 --disable-imap \
	    --disable-smb --disable-smtp --disable-gopher --disable-mqtt \
	    --disable-ftp --disable-file --disable-manual --disable-docs \
	    --disable-ntlm --disable-unix-sockets --disable-alt-svc \
	    --disable-hsts --disable-cookies --disable-doh --disable-netrc \
	    --without-ca-path \
	    --with-ca-bundle=/etc/ssl/certs/ca-certificates.crt CFLAGS=-O2
	make -s -j2 -C lib libcurl.la
	cp lib/.libs/libcurl.a "$dir/libcurl.a.new"
	cp COPYING "$dir/COPYING"
}

echo 'static-curl: fetching and building libcurl (a minute)' >&2
(fetch) >"$log" 2>&1 || die 'the source of curl cannot be fetched'
(build) >>"$log" 2>&1 || die 'curl cannot be built'
mv "$dir/libcurl.a.new" "$dir/libcurl.a"
rm -rf "$dir/apt" "$dir/source"
