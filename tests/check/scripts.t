#!/bin/sh
# The scripts: what they ask for, and where they refuse to run.
set -u
n=0 failed=0
built=${BUILD:-build}
here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT

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

result 'each script chooses the C locale before it does anything' "$(
	for f in scripts/*.sh .ci/run; do
		grep -v '^#' "$f" | head -n 3 | tr '\n' ' ' |
		    grep -qx 'set -eu LC_ALL=C export LC_ALL ' || echo "$f"
	done)"

# A machine without any package, whose apt-get writes down what it is asked for.
mkdir "$here/bin"
printf '#!/bin/sh\nexit 1\n' >"$here/bin/dpkg-query"
printf '#!/bin/sh\necho 0\n' >"$here/bin/id"
printf '#!/bin/sh\nexit 0\n' >"$here/bin/systemctl"
printf '#!/bin/sh\n[ "$1" = update ] || printf "%%s\\n" "$@" >"%s"\n' \
    "$here/asked" >"$here/bin/apt-get"
chmod +x "$here"/bin/*

# wants WORD: the packages that setup.sh would install.
wants() {
	PATH=$here/bin:$PATH sh scripts/setup.sh "$1" >/dev/null 2>&1
	sed '/^install$/d; /^-/d' "$here/asked" | sort
	rm -f "$here/asked"
}
for word in build runtime run test check bench; do
	wants $word >"$here/$word"
done

result 'setup.sh build asks for no server, store or test' "$(
	grep -E '^(lighttpd|ceph|rados|redis|python|clang|libcmocka)' \
	    "$here/build"; [ -s "$here/build" ] || echo nothing)"
result 'setup.sh runtime asks for no compiler, headers, store, Python or test' "$(
	grep -E -- '-dev$|^(gcc|clang|make|pkg-config|ceph|rados|redis|python|perl|strace)' \
	    "$here/runtime"; [ -s "$here/runtime" ] || echo nothing)"
result 'setup.sh runtime asks for what units and pool.sh start, and build does not' "$(
	for f in multiwatch spawn-fcgi lighttpd; do
		cat systemd/*.service scripts/pool.sh |
		    grep -q "^[^#]*$f " || echo "nothing starts $f"
		grep -qx "$f" "$here/runtime" || echo "no $f"
		grep -x "$f" "$here/build"
	done)"
result 'setup.sh run asks for all that build and runtime ask for, and more' "$(
	sort -m "$here/build" "$here/runtime" | comm -23 - "$here/run"
	grep -qx radosgw "$here/run" || echo radosgw)"
result 'setup.sh test asks for all that run asks for, and for the tools of tests' "$(
	comm -23 "$here/run" "$here/test"
	grep -qx libcmocka-dev "$here/test" || echo libcmocka-dev)"
result 'setup.sh check is another word for setup.sh test' "$(
	diff "$here/test" "$here/check")"
result 'setup.sh bench asks for all that run asks for, and for the clients that are measured' "$(
	comm -23 "$here/run" "$here/bench"
	for f in rclone s3cmd python3-requests; do
		grep -qx "$f" "$here/bench" || echo "no $f"
		grep -x "$f" "$here/test"
	done)"
result 'setup.sh explains itself without a word, and with one that it does not know' "$(
	for word in '' everything 'build runtime'; do
		sh scripts/setup.sh $word 2>"$here/err" && echo "$word: 0"
		grep -q '^usage: .*build|runtime|test|run|bench' "$here/err" ||
		    echo "$word: no usage"
	done)"

# The package of each library that a program is linked with.
if command -v dpkg-query >/dev/null && . /etc/os-release &&
    [ "${VERSION_ID-}" = 12 ]; then
	result 'setup.sh runtime asks for every library that a program needs' "$(
		ldd "$built"/bin/* "$built"/cgi-bin/* >"$here/ldd"
		for lib in $(readelf -d "$built"/bin/* "$built"/cgi-bin/* |
		    sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | sort -u); do
			file=$(sed -n "s,.*$lib => \([^ ]*\) .*,\1,p" "$here/ldd" |
			    head -n 1)
			dpkg-query -S "$(readlink -f "$file")" "$file" \
			    "/usr$(readlink -f "$file")" 2>/dev/null |
			    sed 's/:.*//' | head -n 1
		done | sort -u | grep -vx libc6 | comm -23 - "$here/runtime")"
else
	n=$((n + 1))
	echo "ok $n - # SKIP the names of packages are those of Debian 12"
fi

mkdir -p "$here/a checkout"
cp -R scripts "$here/a checkout"
result 'run.sh in a path with a blank says to move the checkout' "$(
	sh "$here/a checkout/scripts/run.sh" --once >"$here/out" 2>&1 &&
	    echo 'status 0'
	grep -q '^run: a blank .*: move the checkout' "$here/out" ||
	    cat "$here/out")"

echo "1..$n"
exit $failed
