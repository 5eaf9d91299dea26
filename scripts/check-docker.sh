#!/bin/sh
# Build the image and run it, without an engine: `make check-docker`.  It needs
# root, and buildah, podman, runc, mmdebstrap, curl; without one of them it says
# SKIP and which.
#
# usage: sh scripts/check-docker.sh BUILD	(a base image is kept in BUILD)
set -eu
LC_ALL=C
export LC_ALL

build=$1
name=foldergate-check-$$ port=18000
base=docker.io/library/debian:bookworm-slim

for tool in buildah podman runc mmdebstrap curl; do
	command -v $tool >/dev/null || missing="${missing:-} $tool"
done
[ "$(id -u)" -eq 0 ] || missing="${missing:-} root"
if [ -n "${missing:-}" ]; then
	echo "SKIP: check-docker needs$missing"
	exit 0
fi

failed=0
result() {
	if [ "$2" = "$3" ]; then
		echo "ok - $1"
	else
		echo "not ok - $1: got $2, expected $3"
		failed=1
	fi
}

# In the manner of an engine, but with what any root has.
run() {
	podman run -d --name "$name" --runtime runc --cgroup-manager cgroupfs \
	    --network host --cap-drop ALL --ulimit nofile=4096:4096 \
	    --ulimit nproc=2048:2048 "$@" >/dev/null
}

clean() {
	podman rm -f -v "$name" >/dev/null 2>&1 || :
	rm -rf "${work:-}"
}
trap clean EXIT
trap 'exit 130' INT TERM

if ! podman image exists "$base"; then
	mkdir -p "$build"
	[ -s "$build/base.tar" ] ||
	    mmdebstrap --variant=minbase bookworm "$build/base.tar"
	podman import -q "$build/base.tar" "$base" >/dev/null
fi
buildah bud -q --pull-never --isolation chroot --network host \
    --format docker -t s3-auth-server . >/dev/null

code() {
	curl -s -o "$work/body" -w '%{http_code}' "http://127.0.0.1:8000$1" || :
}
until_serves() {
	tries=0
	until [ "$(code /healthz)" = 200 ] || [ $tries -ge 100 ]; do
		tries=$((tries + 1))
		sleep 0.2
	done
}
work=$(mktemp -d)

run --read-only --tmpfs /tmp:mode=1777 s3-auth-server
until_serves
result 'without a configuration /healthz answers' "$(code /healthz)" 200
result 'without a configuration /healthcheck answers' "$(code /healthcheck)" 200
result 'without a configuration /readyz refuses' "$(code /readyz)" 503
result 'without a configuration the console says what to set' \
    "$(podman logs "$name" 2>&1 | grep -c 'FOLDERGATE_S3_BUCKET=')" 1
result 'the health check of the image is content' \
    "$(podman exec "$name" /usr/lib/foldergate/container.sh healthy && echo yes)" yes
result 'nothing runs as root' \
    "$(podman top "$name" huser 2>/dev/null | sed 1d | sort -u | grep -c root)" 0
start=$(date +%s)
podman stop -t 20 "$name" >/dev/null
result 'it stops within five seconds' \
    "$([ $(($(date +%s) - start)) -le 5 ] && echo yes)" yes
podman rm -v "$name" >/dev/null

# The same with a store that nobody asks: a grant needs none.
mkdir "$work/secrets"
echo 'only-for-the-check-0123456789abcdefABC' >"$work/secrets/s3"
head -c 30 /dev/urandom | base64 >"$work/secrets/audit"
chown 10001 "$work/secrets"/*
chmod 400 "$work/secrets"/*
run --read-only --tmpfs /tmp:mode=1777 -v "$work/secrets:/run/secrets:ro" \
    -e FOLDERGATE_S3_ENDPOINT=https://store.example \
    -e FOLDERGATE_S3_PROVIDER=ceph -e FOLDERGATE_S3_BUCKET=miners \
    -e FOLDERGATE_S3_ACCESS_KEY_ID=CHECKKEYIDFORBOTHROLES \
    -e FOLDERGATE_S3_SECRET_ACCESS_KEY_FILE=/run/secrets/s3 \
    -e FOLDERGATE_AUDIT_KEY_FILE=/run/secrets/audit s3-auth-server serve
inside() {
	podman exec -i "$name" /usr/lib/foldergate/container.sh foldergate "$@"
}
until_serves
cold=$(inside keygen /tmp/cold)
hot=$(inside keygen /tmp/hot)
podman exec -i "$name" sh -c 'cat >/tmp/neurons' <<-N
	{"netuid":13,"block":1,"neurons":[{"uid":0,"hotkey":"$hot",
	"coldkey":"$cold","permit":false,"alpha_stake_rao":0}]}
N
inside snapshot import /tmp/neurons >/dev/null
code /get-folder-access >/dev/null
sleep 2
inside sign miner --hotkey /tmp/hot --coldkey "$cold" >"$work/signed"
result 'with a secret in a mount a miner gets its grant' \
    "$(curl -s -o "$work/body" -w '%{http_code}' --json @"$work/signed" \
	http://127.0.0.1:8000/get-folder-access)" 200
podman rm -f -v "$name" >/dev/null

exit $failed
