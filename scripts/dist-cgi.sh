#!/bin/sh
# Make one directory to copy to shared hosting: `make dist-cgi`.
#
# usage: sh scripts/dist-cgi.sh STATIC OUT	(programs of build/static/ and what
#						they need, into OUT)
set -eu
LC_ALL=C
export LC_ALL

[ $# -eq 2 ] || {
	echo 'usage: sh scripts/dist-cgi.sh STATIC OUT' >&2
	exit 2
}
static=$1 out=$2
rm -rf "$out"
mkdir -p "$out/foldergate/cgi-bin" "$out/foldergate/bin" \
    "$out/foldergate/licences" "$out/foldergate/state" \
    "$out/foldergate/shared" "$out/site"
chmod 700 "$out/foldergate" "$out/foldergate/state" "$out/foldergate/shared"

for kind in cgi-bin bin; do
	for program in "$static/$kind"/*; do
		strip -o "$out/foldergate/$kind/${program##*/}" "$program"
	done
done
for program in "$out/foldergate/cgi-bin"/*; do
	name=${program##*/}
	sed "s/NAME/$name/" apache-conf/wrapper >"$out/site/$name.cgi"
	chmod 755 "$out/site/$name.cgi"
done
cp apache-conf/htaccess "$out/site/.htaccess"
cp -R "$static/../www" "$out/site/www"
cp docs/shared-hosting.md "$out/README.md"
sed -n '/^```ini$/,/^```$/{/^```/d; p;}' docs/shared-hosting.md \
    >"$out/foldergate/foldergate.conf"

# What is in the programs, and under which terms.
cp LICENSE "$out/foldergate/licences/foldergate"
for package in libfcgi-dev libjson-c-dev libinih-dev libsodium-dev libssl-dev \
    libsqlite3-dev libhiredis-dev libexpat1-dev libc6-dev; do
	cp "/usr/share/doc/$package/copyright" \
	    "$out/foldergate/licences/${package%-dev}"
done
cp "$static/../curl/COPYING" "$out/foldergate/licences/libcurl"

echo "$out: $(du -sh "$out" | cut -f 1)"
