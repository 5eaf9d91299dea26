#!/bin/sh
# A real S3 server on loopback, for development and tests: Ceph's object
# gateway (radosgw) over one monitor and one OSD that keeps all in memory.
#
# usage: sh scripts/s3-server.sh up DIR [-p S3_PORT] [-m MON_PORT] [BUCKET ...]
#        sh scripts/s3-server.sh down DIR
#
# up	starts it in DIR, waits until it serves, makes the buckets (by default
#	one, foldergate) and writes DIR/s3.env, which a shell can read:
#	S3_ENDPOINT, S3_REGION, S3_BUCKET (the first), ACCESS_KEY, SECRET.
#	Ports are taken free where none is given; keys are made anew.
# down	stops it, waits until it is gone and removes all of it but DIR/ceph/log.
#
# Everything is in memory and under DIR; any number may run side by side.
# Needs no root.  Packages: radosgw ceph-mon ceph-osd ceph-common curl
set -eu
LC_ALL=C
export LC_ALL
umask 077

usage() {
	echo "usage: $0 up DIR [-p S3_PORT] [-m MON_PORT] [BUCKET ...]" >&2
	echo "       $0 down DIR" >&2
	exit 2
}

die() {
	echo "s3-server: $*" >&2
	exit 1
}

# --- which processes are ours ------------------------------------------------

# Ours is a daemon or a tool that was started with the configuration of this
# directory: a pid that the kernel has given to somebody else meanwhile is never
# touched.  Its name is among its arguments, since ceph is a Python program.
is_ours() {
	args=$(tr '\0' '\n' <"/proc/$1/cmdline" 2>/dev/null) || return 1
	printf '%s\n' "$args" | grep -Fqx -e "$home/ceph.conf" || return 1
	case $(printf '%s\n' "$args" | head -n 2) in
	ceph-mon*|ceph-osd*|radosgw*|*/ceph)	;;
	*)					return 1 ;;
	esac
}

# In the order in which they stop well: who needs another one goes first.  Found
# by their arguments: a daemon has no pid file yet when its parent returns.
our_pids() {
	for name in ceph radosgw-admin radosgw ceph-osd ceph-mon; do
		for file in $(grep -lszFx -e "$home/ceph.conf" \
		    /proc/[0-9]*/cmdline); do
			pid=${file#/proc/} pid=${pid%/cmdline}
			if grep -qszE "^(.*/)?$name\$" "$file" && is_ours "$pid"; then
				echo "$pid"
			fi
		done
	done
}

# TERM; after 10 s KILL.  Fails if that does not end it within 5 s either.
# What has ended but was not yet waited for has no arguments: it is not ours.
stop() {
	tries=0
	kill -s TERM "$1" 2>/dev/null || :
	while is_ours "$1"; do
		tries=$((tries + 1))
		if [ $tries -eq 200 ]; then
			kill -s KILL "$1" 2>/dev/null || :
		fi
		[ $tries -lt 300 ] || return 1
		sleep 0.05
	done
}

stop_all() {
	for pid in $(our_pids); do
		stop "$pid" || return 1
	done
}

down() {
	[ -e "$home/$marker" ] || return 0
	stop_all || die "still running after KILL:" $(our_pids)
	find "$home" -mindepth 1 -maxdepth 1 ! -name log ! -name "$marker" \
	    -exec rm -rf {} +
	rm -f "$dir/s3.env"
}

# --- ports -------------------------------------------------------------------

# Does anybody listen there (state 0A), on whatever address of IPv4 or IPv6?
port_is_taken() {
	hex=$(printf '%04X' "$1")
	cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
	    awk -v p=":$hex\$" '$2 ~ p && $4 == "0A" { found = 1 }
		END { exit !found }'
}

# Below the range that the kernel gives to clients (32768), at random, so that
# two that start at the same time hardly ever want the same one.  foldergate
# refuses an endpoint with the digits 409.
free_port() {
	while :; do
		n=$(od -An -N2 -tu2 /dev/urandom)
		port=$((20000 + n % 12000))
		case $port in *409*) continue ;; esac
		port_is_taken $port || break
	done
	echo $port
}

# --- the parts ---------------------------------------------------------------

# No admin sockets: their paths would be too long in most directories.
# paxos_propose_interval: a change of the maps waits that long (1 s otherwise)
# and starting up makes dozens of them.
write_conf() {
	cat >"$home/ceph.conf" <<C
[global]
fsid = $fsid
mon_host = v2:127.0.0.1:$mon_port
auth_cluster_required = cephx
auth_service_required = cephx
auth_client_required = cephx
auth_allow_insecure_global_id_reclaim = false
keyring = $home/keyring
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
mon_max_pg_per_osd = 1000
paxos_propose_interval = 0.05
log_file = $home/log/\$name.log
log_to_syslog = false
admin_socket =
run_dir = $home/run
crash_dir = $home/run
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_ipv6 = false
[mon]
mon_data = $home/mon
mon_cluster_log_file = $home/log/cluster.log
mon_cluster_log_to_file = false
pid_file = $home/run/\$name.pid
[osd]
osd_data = $home/osd
osd_objectstore = memstore
memstore_device_bytes = 2147483648
osd_class_load_list = *
osd_class_default_list = *
pid_file = $home/run/\$name.pid
[client]
log_file = $home/log/tools.log
[client.rgw]
log_file = $home/log/\$name.log
pid_file = $home/run/\$name.pid
rgw_frontends = beast endpoint=127.0.0.1:$s3_port
rgw_data = $home/rgw
rgw_dns_name = localhost
rgw_relaxed_region_enforcement = true
C
}

# Each tool is told its configuration by the absolute path: see is_ours().
tool() {
	name=$1
	shift
	"$name" -c "$home/ceph.conf" "$@" >>"$home/log/start.log" 2>&1 ||
	    die "$name failed; see $home/log"
}

make_keys() {
	keyring=$home/keyring
	ceph-authtool --create-keyring "$keyring" --gen-key -n mon. \
	    --cap mon 'allow *' >>"$home/log/start.log"
	for who in client.admin client.rgw osd.0; do
		ceph-authtool "$keyring" --gen-key -n $who --cap mon 'allow *' \
		    --cap osd 'allow *' --cap mgr 'allow *'
	done
	monmaptool --create --fsid "$fsid" \
	    --addv a "[v2:127.0.0.1:$mon_port]" "$home/monmap" \
	    >>"$home/log/start.log"
}

# The OSD comes up only under the uuid that the monitor was told.
start_daemons() {
	tool ceph-mon -i a --mkfs --monmap "$home/monmap" --keyring "$keyring"
	tool ceph-mon -i a
	tool ceph osd new "$osd_uuid" 0
	tool ceph-osd -i 0 --mkfs --osd-uuid "$osd_uuid"
	tool ceph-osd -i 0
	tool radosgw -n client.rgw
	await_gateway
}

await_gateway() {
	tries=0
	until curl -q -s --noproxy '*' -o "$home/run/answer" "$endpoint/"; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] ||
		    die "radosgw did not answer in 60 s; see $home/log"
		sleep 0.1
	done
}

# The gateway makes the keys itself: so they are in no argument list.
make_user() {
	radosgw-admin -c "$home/ceph.conf" user create --uid=foldergate \
	    --display-name=foldergate >"$home/run/user.json" \
	    2>>"$home/log/start.log" ||
	    die "radosgw-admin failed; see $home/log"
	access_key=$(user_field access_key)
	secret=$(user_field secret_key)
	rm -f "$home/run/user.json"
	[ -n "$access_key" ] && [ -n "$secret" ] ||
	    die 'radosgw-admin printed no keys'
}

user_field() {
	sed -n 's/.*"'"$1"'": *"\([A-Za-z0-9]*\)".*/\1/p' "$home/run/user.json"
}

# Signed with the keys just made: a 200 also says that the server is ours.
# curl 7.88 hashes the (empty) body but does not say so, as the gateway wants.
make_bucket() {
	status=$(printf 'user = "%s:%s"\n' "$access_key" "$secret" |
	    curl -q -s --noproxy '*' -K - --aws-sigv4 "aws:amz:$region:s3" \
	    -H "x-amz-content-sha256: $empty_sha256" -X PUT \
	    -o "$home/run/answer" -w '%{http_code}' "$endpoint/$1") || :
	[ "$status" = 200 ] ||
	    die "making the bucket $1: status $status; see $home/log"
}

write_env() {
	cat >"$dir/s3.env" <<E
S3_ENDPOINT=$endpoint
S3_REGION=$region
S3_BUCKET=$1
ACCESS_KEY=$access_key
SECRET=$secret
E
}

# Whatever ends `up' before its time takes down what it had started.
abandon() {
	trap - EXIT HUP INT TERM
	stop_all || :
	exit "$1"
}

up() {
	if [ -d "$home" ] && [ ! -e "$home/$marker" ]; then
		die "$home exists and is not mine"
	fi
	[ -z "$(our_pids)" ] || die "already running in $dir"
	down
	rm -rf "$home/log"
	mkdir -p "$home/mon" "$home/osd" "$home/rgw" "$home/run" "$home/log"
	: >"$home/$marker"
	trap 'abandon $?' EXIT
	trap 'abandon 129' HUP
	trap 'abandon 130' INT
	trap 'abandon 143' TERM
	write_conf
	make_keys
	start_daemons
	make_user
	for bucket; do
		make_bucket "$bucket"
	done
	write_env "$1"
	trap - EXIT HUP INT TERM
	echo "s3-server: $endpoint serves $*; keys in $dir/s3.env"
}

# --- main --------------------------------------------------------------------

nl='
'
marker=.foldergate-s3
region=us-east-1
empty_sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855

[ $# -ge 2 ] || usage
what=$1 dir=$2
shift 2
s3_port='' mon_port=''
while getopts p:m: opt; do
	case $opt in
	p)	s3_port=$OPTARG ;;
	m)	mon_port=$OPTARG ;;
	*)	usage ;;
	esac
done
shift $((OPTIND - 1))

case $what in
down)
	[ $# -eq 0 ] || usage
	[ -d "$dir" ] || exit 0
	dir=$(cd "$dir" && pwd -P) home=$dir/ceph
	down
	;;
up)
	mkdir -p "$dir"
	dir=$(cd "$dir" && pwd -P) home=$dir/ceph
	: "${s3_port:=$(free_port)}" "${mon_port:=$(free_port)}"
	for port in "$s3_port" "$mon_port"; do
		case $port in
		*[!0-9]*|??????*)	die "not a port: $port" ;;
		esac
		! port_is_taken "$port" || die "port $port is taken"
	done
	endpoint=http://127.0.0.1:$s3_port
	fsid=$(cat /proc/sys/kernel/random/uuid)
	osd_uuid=$(cat /proc/sys/kernel/random/uuid)
	[ $# -gt 0 ] || set -- foldergate
	up "$@"
	;;
*)
	usage
	;;
esac
