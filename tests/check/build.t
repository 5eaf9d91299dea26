#!/bin/sh
# The build: what it is given, what it leaves out, what it installs.
set -u
unset MAKEFLAGS MAKELEVEL CFLAGS CPPFLAGS LDFLAGS LDLIBS DESTDIR PREFIX SYSCONFDIR UNITDIR MANDIR
n=0 failed=0
built=${BUILD:-build}
here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT
log=$here/log

# result TEXT OFFENDERS: ok if there are none.
result() {
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		printf '%s\n' "$2" | sed 's/^/# /'
		failed=1
	fi
}

# Two copies of the sources, in directories of different lengths.
one=$here/one two=$here/another/place
for copy in "$one" "$two"; do
	mkdir -p "$copy"
	cp -R Makefile VERSION cgi-bin client common ./*-conf debian docs errors \
	    monitoring scripts sync systemd www "$copy"
done

# ours DIR TARGET ...: make as a packager does, with flags of the caller.  -O1 takes
# half of the time of -O2.
ours() {
	make -s -j2 -C "$@" CFLAGS='-O1 -g1' CPPFLAGS=-U_FORTIFY_SOURCE \
	    SYSCONFDIR=/opt/etc PREFIX=/opt/fg DESTDIR="$here/root" \
	    >>"$log" 2>&1 || tail -n 5 "$log"
}

result 'make install works with CFLAGS, CPPFLAGS, PREFIX and SYSCONFDIR of the caller' \
    "$(ours "$one" install)"
result 'the same sources build in a directory of another name' \
    "$(ours "$two" build/cgi-bin/healthz build/bin/foldergate)"

for program in cgi-bin/healthz bin/foldergate; do
	strip -o "$here/a" "$one/build/$program"
	strip -o "$here/b" "$two/build/$program"
	result "$program is the same to the byte from both directories, once stripped" \
	    "$(cmp "$here/a" "$here/b" 2>&1)"
done

root=$here/root/opt/fg
result 'make install puts exactly the programs, the tools and the example where they belong' "$(
	{
		for f in cgi-bin/*.c; do
			echo "./opt/fg/lib/foldergate/cgi-bin/$(basename "$f" .c)"
		done
		for f in foldergate $(basename -s .c sync/*-sync.c); do
			echo "./opt/fg/bin/$f"
		done
		echo ./opt/fg/lib/foldergate/pool.sh
		find errors monitoring ./*-conf -type f | sed 's,^\./,,' |
		    sed 's,^,./opt/fg/share/foldergate/,'
		find www -type f ! -name SOURCE |
		    sed 's,^,./opt/fg/share/foldergate/,'
		echo ./opt/fg/share/foldergate/www/openapi.json
		for f in openapi.json docs/swagger-ui.css \
		    docs/swagger-ui-bundle.js; do
			echo "./opt/fg/share/foldergate/www/$f.gz"
		done
		echo ./opt/fg/share/foldergate/foldergate.conf
		(cd "$one/build/man" && ls *.[1-8]) |
		    sed 's,.*\(.\)$,./opt/fg/share/man/man\1/&,'
		echo ./opt/fg/share/bash-completion/completions/foldergate
		echo ./opt/fg/share/zsh/site-functions/_foldergate
		echo ./opt/fg/share/fish/vendor_completions.d/foldergate.fish
		for f in credentials logfile logrotate redis; do
			echo "./opt/fg/share/foldergate/systemd/$f.conf"
		done
		ls systemd | grep -E '\.(service|socket|target)$' |
		    sed 's,^,./opt/fg/lib/systemd/system/,'
		u=foldergate@get-file-upload-url.service.d
		echo "./opt/fg/lib/systemd/system/$u/network.conf"
		for f in sysusers tmpfiles; do
			echo "./opt/fg/lib/$f.d/foldergate.conf"
		done
	} | sort >"$here/want"
	(cd "$here/root" && find . -type f) | sort | diff "$here/want" -)"
result 'what web servers and systemd read of the endpoints is what these declare' "$(
	ours "$one" endpoints OUT="$here/declared"
	for f in *-conf/endpoints.conf systemd/foldergate.target; do
		cmp "$f" "$here/declared/$f" 2>&1
	done)"
result 'what is not ours of the pages is as its SOURCE says' "$(
	cd www/docs
	grep -E '^[0-9a-f]{64}  ' SOURCE >"$here/sums"
	[ -s "$here/sums" ] || echo 'no sums'
	sha256sum --quiet -c "$here/sums" 2>&1
	ls swagger-ui* | sort >"$here/want"
	cut -c 67- "$here/sums" | sort | diff "$here/want" - )"
result 'make install makes the directory of the configuration' "$(
	[ -d "$here/root/opt/etc/foldergate" ] || echo missing)"
result 'the installed web server example names the installed programs' "$(
	grep -qx 'var.foldergate_programs = "/opt/fg/lib/foldergate/cgi-bin"' \
	    "$root/share/foldergate/lighttpd-conf/lighttpd.conf" || echo not)"
result 'the installed web server example names the configuration' "$(
	grep -qx 'var.foldergate_config = "/opt/etc/foldergate/foldergate.conf"' \
	    "$root/share/foldergate/lighttpd-conf/lighttpd.conf" || echo not)"
result 'the installed sample of a configuration has every setting, and names the place of keys' "$(
	conf=$root/share/foldergate/foldergate.conf
	sed -i 's,^;\(endpoint\|bucket\) =,\1 = https://x.example,' "$conf"
	sed -n 's/^\[\(.*\)\]/\1/p; s/^;\{0,1\}\([a-z0-9_]*\) =.*/ \1/p' "$conf" |
	    awk '/^ / { print section "." $1; next } { section = $0 }' \
	    >"$here/got"
	FOLDERGATE_CONFIG=$conf "$root/bin/foldergate" check-config 2>/dev/null |
	    sed -n 's/^\([a-z0-9]*\.[a-z0-9_]*\) .*;.*/\1/p' >"$here/want"
	[ -s "$here/want" ] || echo 'no settings'
	diff "$here/want" "$here/got"
	grep -qx 'key_file = /opt/etc/foldergate/audit.key' "$conf" ||
	    echo 'no audit.key')"
result 'the installed client reads the configuration below SYSCONFDIR' "$(
	env -u FOLDERGATE_CONFIG "$root/bin/foldergate" check-config 2>/dev/null |
	grep -qx 'configuration: /opt/etc/foldergate/foldergate.conf' || echo not)"

# What readelf says of each installed program, and lacks PATTERN.
lack() {
	for f in "$root"/bin/* "$root"/lib/foldergate/cgi-bin/*; do
		readelf -W -h -l -d --dyn-syms "$f" | grep -Eq "$1" ||
		    basename "$f"
	done
}
result 'each program is position independent although the caller gave CFLAGS' \
    "$(lack 'Type: +DYN')"
result 'each program is linked before it starts and its tables are read-only then' \
    "$(lack 'FLAGS.*BIND_NOW|FLAGS_1.*NOW'; lack GNU_RELRO)"
result 'no program has an executable stack' "$(lack 'GNU_STACK.* RW  ')"
result 'each program checks its stack although the caller gave CFLAGS' \
    "$(lack __stack_chk_fail)"
result 'each program checks its buffers although the caller took that away' \
    "$(lack '__[a-z]+_chk@')"

# needs LIBRARY PROGRAM ...: those that link it are exactly these.
needs() {
	lib=$1
	shift
	printf '%s\n' "$@" | sort >"$here/want"
	for f in "$built"/bin/* "$built"/cgi-bin/*; do
		readelf -d "$f" | grep -q "NEEDED.*\[lib$lib[-.]" &&
		    basename "$f"
	done | sort | diff "$here/want" -
}
result 'only the four programs that speak to the outside link libcurl' \
    "$(needs curl bucket-sync chain-sync foldergate get-file-upload-url)"
result 'only the programs that read listings link an XML parser' \
    "$(needs expat bucket-sync foldergate)"
result 'the programs that learn from outside link no database' "$(
	readelf -d "$built"/bin/*-sync | grep -E 'NEEDED.*(sqlite|hiredis)')"

commands=$(make -n -B CPPFLAGS=-DOURS LDLIBS=-lours LDFLAGS=-Lours \
    build/cgi-bin/healthz)
result 'CPPFLAGS, LDFLAGS and LDLIBS of the caller reach the compiler' "$(
	for word in -DOURS -lours -Lours; do
		printf '%s\n' "$commands" | grep -q -e "$word" || echo "$word"
	done)"
result 'flags that this compiler has, and that harden, are used' "$(
	for flag in -fstack-clash-protection -fcf-protection \
	    -ftrivial-auto-var-init=zero -D_FORTIFY_SOURCE=3; do
		echo | ${CC:-cc} -O2 -Werror $flag -xc -fsyntax-only - \
		    2>/dev/null || continue
		printf '%s\n' "$commands" | grep -q -e " $flag " || echo "$flag"
	done)"
result 'make help tells of every target that is not a file' "$(
	sed -n '/^\.PHONY:/,/[^\\]$/p' Makefile | tr -d '\\' |
	    sed 's/^\.PHONY://' | tr -s '\t ' '\n\n' | grep -v '^always$' |
	    sort -u | sed '/^$/d' >"$here/want"
	make -s help | sed 's/ .*//' | sort | diff "$here/want" -)"

result 'CHANGELOG.md has a section for the version in VERSION' "$(
	grep -q "^## $(cat VERSION)\(, not released\|, [0-9-]*\)\$" \
	    CHANGELOG.md || cat VERSION)"

echo "1..$n"
exit $failed
