#!/bin/sh
# The Debian packages that foldergate needs: reports whether they are all there,
# installs what is missing.  See usage() below.  apt-get runs only if something is
# missing, as root or through sudo.
set -eu
LC_ALL=C
export LC_ALL

scripts=$(cd "$(dirname "$0")" && pwd -P)
. "$scripts/processes.sh"

build_packages='
gcc                the compiler
libc6-dev          headers of the C library
make               the build
pkg-config         names the libraries to the build
libfcgi-dev        FastCGI, the way a web server talks to a program
libjson-c-dev      parses the JSON of a request
libinih-dev        parses the configuration file
libsodium-dev      ristretto255 and BLAKE2b; locked memory
libssl-dev         HMAC-SHA256 and PBKDF2
libcurl4-openssl-dev  HTTP to the chain and to the bucket
libexpat1-dev      parses the listings of the store
libsqlite3-dev     the ledger of one machine
libhiredis-dev     the ledger of many machines, in Redis
'

# The libraries of these in Debian 12, and what they need to reach the outside.
runtime_packages='
libfcgi0ldbl       FastCGI, the way a web server talks to a program
libjson-c5         parses the JSON of a request
libinih1           parses the configuration file
libsodium23        ristretto255 and BLAKE2b; locked memory
libssl3            HMAC-SHA256 and PBKDF2
libcurl4           HTTP to the chain and to the bucket
libexpat1          parses the listings of the store
libsqlite3-0       the ledger of one machine
libhiredis0.14     the ledger of many machines, in Redis
ca-certificates    who may speak for the chain and for the bucket
lighttpd           the web server
multiwatch         keeps programs at a socket
spawn-fcgi         makes a socket for programs, without systemd
'

demo_packages='
curl               the client of the demo; makes its bucket
python3            the stand-in for a chain node in the demo
radosgw            the S3 server of the demo: the gateway itself
ceph-mon           its monitor
ceph-osd           its store, kept in memory
ceph-common        ceph, ceph-authtool, monmaptool, radosgw-admin
'

test_packages='
clang              the second compiler
libcmocka-dev      the unit tests
perl               prove, which runs the tests
apache2            a web server, for the tests
libapache2-mod-fcgid  its way to keep programs
nginx-light        another web server, for the tests
fcgiwrap           CGI behind nginx
caddy              a third web server
mandoc             reads the manual pages
python3-jsonschema  reads answers by the document of the API
python3-boto3      an independent S3 client and signer
python3-prometheus-client  reads /metrics as Prometheus does
python3-pyte       a terminal that shows what a program draws
python3-yaml       reads the rules of alerts
redis-server       the ledger of many machines, for the tests
strace             shows which programs open a secret
'

bench_packages='
rclone             a client of S3, measured beside foldergate
s3cmd              another one
python3-requests   what the Python clients of the service replaced upload with
'

# Units that the packages above would start; the demo starts its own lighttpd.
units='lighttpd.service ceph-crash.service redis-server.service apache2.service
    nginx.service fcgiwrap.service fcgiwrap.socket caddy.service'

usage() {
	cat >&2 <<'U'
usage: sh scripts/setup.sh build|runtime|test|run|bench

Installs the Debian packages that are missing, as root or through sudo.  Ctrl-C
ends it at once while packages are looked up or downloaded; an installation that
has begun is finished first, so that none is left half installed.

  build		to build
  runtime	to run what was built elsewhere: a production server
  run		both, and the demo (scripts/run.sh)
  test		that, and every test (scripts/check.sh); also: check
  bench		what run needs, and the clients that make bench-tools measures
U
	exit 2
}

# The first word of each line.
names() {
	printf '%s\n' "$1" | sed -n 's/^\([a-z0-9.+-]\{1,\}\).*/\1/p'
}

is_installed() {
	case $(dpkg-query -W -f '${Status}' "$1" 2>/dev/null) in
	*' ok installed')	return 0 ;;
	*)			return 1 ;;
	esac
}

missing() {
	for name in $(names "$1"); do
		is_installed "$name" || printf '%s ' "$name"
	done
}

as_root() {
	$sudo env "$@"
}

# Asks for sudo's password before anything is written over the question.
choose_sudo() {
	sudo=
	if [ "$(id -u)" -ne 0 ]; then
		sudo=sudo
		sudo -n true 2>/dev/null || sudo -v
	fi
}

has_systemd() {
	[ -d /run/systemd/system ]
}

# A unit that was there before is somebody's, and stays as it is.
unit_is_new() {
	[ ! -e "/lib/systemd/system/$1" ] &&
	    [ ! -e "/usr/lib/systemd/system/$1" ]
}

# --- the end -----------------------------------------------------------------

# What may be broken off, is; dpkg is finished.  What runs is $!, and root's.
sudo= leaving= installing= new_units=
leave() {
	leaving=$1
	if [ -n "${!-}" ] && [ -n "$(started $!)" ]; then
		if [ -n "$installing" ]; then
			echo 'setup: dpkg is at work; stopping after it' >&2 || :
			return 0
		fi
		as_root kill -s TERM $! 2>/dev/null || :
		wait $! || :
	fi
	exit "$leaving"
}

at_exit() {
	if [ -n "$new_units" ]; then
		as_root systemctl unmask --runtime $new_units
	fi
}

# In a session of its own and without a terminal: neither Ctrl-C nor a terminal
# that goes away reaches apt-get and dpkg, nor what waits for them.
install_downloaded() {
	trap '' HUP INT QUIT TSTP
	as_root DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 setsid --wait \
	    apt-get install -y -q --no-install-recommends "$@" </dev/null
}

# Packages start what they bring.  An init script asks for the runlevel, and
# starts nothing in 1; systemd starts nothing that is masked, and that mask
# lives in memory only.
install() {
	if has_systemd; then
		for unit in $units; do
			if unit_is_new "$unit"; then
				new_units="$new_units $unit"
			fi
		done
	fi
	trap at_exit EXIT
	if [ -n "$new_units" ]; then
		as_root systemctl mask --runtime $new_units
	fi
	busy 'looking packages up' "$log" $sudo env apt-get update -q
	busy 'downloading packages' "$log" $sudo env apt-get install -y -q \
	    --no-install-recommends --download-only "$@"
	installing=1
	busy 'installing packages' "$log" install_downloaded "$@"
	[ -z "$leaving" ] || exit "$leaving"
	trap - EXIT
	if [ -n "$new_units" ]; then
		as_root systemctl unmask --runtime $new_units
		# Nor at the next boot.
		as_root systemctl disable $new_units ||
		    echo 'setup: disable by hand:' $new_units >&2
	fi
}

case ${1-} in
build)		wanted=$build_packages ;;
runtime)	wanted=$runtime_packages ;;
run)		wanted=$build_packages$runtime_packages$demo_packages ;;
test|check)	wanted=$build_packages$runtime_packages$demo_packages$test_packages ;;
bench)		wanted=$build_packages$runtime_packages$demo_packages$bench_packages ;;
*)		usage ;;
esac
[ $# -eq 1 ] || usage

if ! command -v dpkg-query >/dev/null; then
	echo 'setup: not a Debian system; these packages, or what they are' \
	    'called there, are needed:' >&2
	printf '%s\n' "$wanted" >&2
	exit 1
fi

# The shell runs EXIT's trap only where it exits by itself; and with a trap it
# outlives what it waits for.
trap 'leave 129' HUP
trap 'leave 130' INT
trap 'leave 131' QUIT
trap 'leave 143' TERM

lacking=$(missing "$wanted")
if [ -z "$lacking" ]; then
	echo "setup: all packages to $1 are there"
	exit 0
fi
echo "setup: missing to $1: $lacking"
if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
	echo 'setup: neither root nor sudo here; as root, run:' >&2
	echo "apt-get install --no-install-recommends $lacking" >&2
	exit 1
fi
log=$(dirname "$scripts")/build/setup.log
mkdir -p "${log%/*}"
: >"$log"
choose_sudo
install $lacking
lacking=$(missing "$wanted")
if [ -n "$lacking" ]; then
	echo "setup: still missing: $lacking" >&2
	exit 1
fi
echo "setup: all packages to $1 are there"
