#!/bin/sh
# The work of run.sh, which starts this in a session of its own and ends all that
# is left of it: build, start the servers, show the steps, stay.
# usage: demo.sh DIR PORT SOCKETS [once]
# DIR belongs to a run and was cleared; FOLDERGATE_CONFIG is a file in it.
set -eu
LC_ALL=C
export LC_ALL

scripts=$(cd "$(dirname "$0")" && pwd -P)
root=${scripts%/*}
. "$scripts/processes.sh"

die() {
	echo "run: $*" >&2
	exit 1
}

# --- what it consists of -----------------------------------------------------

start_store() {
	busy 'starting the S3 server' "$dir/log/store.log" \
	    sh "$scripts/s3-server.sh" up "$dir/s3" foldergate
	. "$dir/s3/s3.env"
}

make_wallets() {
	mkdir "$dir/wallets"
	for name in hotkey1 coldkey1 hotkey2 coldkey2 hotkey3 coldkey3; do
		address=$("$foldergate" keygen "$dir/wallets/$name")
		eval "$name=\$address"
	done
	named_wallet first hotkey1 "$coldkey1"
	named_wallet second hotkey2 "$coldkey2"
	named_wallet validator hotkey3 "$coldkey3"
}

# named_wallet NAME HOTKEY COLDKEY: the same keys as btcli keeps them.
named_wallet() {
	mkdir -p "$dir/wallets/$1/hotkeys"
	cp -p "$dir/wallets/$2" "$dir/wallets/$1/hotkeys/default"
	printf '{"ss58Address":"%s"}\n' "$3" \
	    >"$dir/wallets/$1/coldkeypub.txt"
}

write_config() {
	printf '%s\n' "$SECRET" >"$dir/secret"
	head -c 32 /dev/urandom | base64 >"$dir/audit.key"
	mkdir "$dir/state"
	cat >"$FOLDERGATE_CONFIG" <<C
[s3]
endpoint = $S3_ENDPOINT
public_endpoint = $S3_ENDPOINT
region = $S3_REGION
bucket = $S3_BUCKET
addressing = path
access_key_id = $ACCESS_KEY
secret_access_key_file = $dir/secret

[access]
layouts = coldkey, hotkey
sources = x, reddit

[chain]
netuid = 13
network = local
endpoints = http://127.0.0.1:$node_port
sync_interval_s = 30

[state]
directory = $dir/state

[audit]
key_file = $dir/audit.key
C
}

neuron() {
	printf '{"uid":%d,"hotkey":"%s","coldkey":"%s","permit":%s,' "$1" "$2" \
	    "$3" "$4"
	printf '"alpha_stake_rao":"%s"}' "$5"
}

# The demo's chain: a stand-in for a subtensor node, which answers as one would
# and finalizes a block every 12 s.
start_node() {
	{
		printf '{"netuid":13,"block":7000000,"neurons":['
		neuron 0 "$hotkey1" "$coldkey1" false 0
		printf ,
		neuron 1 "$hotkey2" "$coldkey2" false 0
		printf ,
		neuron 2 "$hotkey3" "$coldkey3" true 25000000000000
		printf ']}\n'
	} >"$dir/neurons.json"
	/usr/bin/python3 "$root/tests/support/node.py" --advance 12 \
	    --neurons "$dir/neurons.json" >"$dir/node.port" \
	    2>>"$dir/log/demo.log" &
	remember node $!
	await_file "$dir/node.port" || die "the stand-in node does not serve"
	node_port=$(cat "$dir/node.port")
}

await_file() {
	tries=0
	until [ -s "$1" ]; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || return 1
		sleep 0.1
	done
}

# Once, for all to see; then for as long as we stay.
learn() {
	printf '\nWhat the chain says\n\n$ build/bin/chain-sync --once\n'
	printf '$ build/bin/foldergate snapshot show\n\n'
	"$root/build/bin/chain-sync" --once 2>>"$dir/log/demo.log" ||
	    die "chain-sync learnt nothing; see $dir/log/demo.log"
	"$foldergate" snapshot show
	"$root/build/bin/chain-sync" 2>>"$dir/log/demo.log" &
	remember chain-sync $!
}

# The server's configuration as it is shipped, with our values in it.  It stays
# the user that we are, to whom everything here belongs.
write_web_conf() {
	programs=$root/build/cgi-bin
	mkdir "$dir/uploads"
	sed -e "s|/run/foldergate|$sockets|" \
	    -e "s|/var/cache/lighttpd/uploads|$dir/uploads|" \
	    -e '/^server\.username = /d' -e '/^server\.groupname = /d' \
	    -e "s|/var/log/foldergate|$dir/log|" \
	    -e "s|^\(var.foldergate_share = \).*|\1\"$root\"|" \
	    -e 's|^\(var.foldergate_by = \).*|\1"spawn"|' \
	    -e "s|^\(var.foldergate_programs = \).*|\1\"$programs\"|" \
	    -e "s|^\(var.foldergate_www = \).*|\1\"$root/build/www\"|" \
	    -e "s|^\(var.foldergate_config = \).*|\1\"$FOLDERGATE_CONFIG\"|" \
	    -e "s|^\(var.foldergate_sockets = \).*|\1\"$sockets\"|" \
	    -e "s|^\(server.port = \).*|\1$port|" \
	    "$root/lighttpd-conf/lighttpd.conf" >"$dir/lighttpd.conf"
}

start_web() {
	write_web_conf
	PATH=$PATH:/usr/sbin
	lighttpd -tt -f "$dir/lighttpd.conf" >>"$dir/log/demo.log" 2>&1 ||
	    die "lighttpd refuses its configuration; see $dir/log/demo.log"
	lighttpd -D -f "$dir/lighttpd.conf" >>"$dir/log/demo.log" 2>&1 &
	remember lighttpd $!
	tries=0
	until curl -q -s -o "$dir/answer" "$url/"; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || break
		sleep 0.1
	done
	if [ $tries -ge 100 ] || ! runs lighttpd; then
		die "lighttpd does not serve; see $dir/log"
	fi
	remember lighttpd "${process%:*}"
}

# --- the steps ---------------------------------------------------------------

steps=0 wrong='' title=''

# step STATUS TITLE COMMAND: show the command, run it as it stands, compare the
# status.  The answer's body is in $dir/answer then.
step() {
	expected=$1 title=$2 command=$3
	steps=$((steps + 1))
	printf '\n%d. %s\n\n$ %s\n\n' "$steps" "$title" "$command"
	status=$(
		curl() {
			command curl -q -m 60 -o "$dir/answer" \
			    -w '%{http_code}' "$@"
		}
		: >"$dir/answer"
		eval "$command" 2>>"$dir/log/demo.log"
	) || :
	[ "$status" = "$expected" ] ||
	    fails "status ${status:-missing}, not $expected"
	printf '%s (expected: %s)\n' "${status:-no status}" "$expected"
	tr '\n' ' ' <"$dir/answer" | sed 's/^\(.\{400\}\).*/\1 .../'
	echo
}

fails() {
	wrong="$wrong
step $steps ($title): $1"
}

# The answer of the last step must hold a text.  A listing is asked for with
# encoding-type=url, so a store may write a key in percent signs.
holds() {
	sed 's/%2F/\//g; s/%3D/=/g' "$dir/answer" | grep -Fq -e "$1" ||
	    fails "no $1 in the answer"
}

# The value of a text field, by its name, which occurs once in our compact JSON.
# Neither addresses, URLs nor base64 hold a quote or a backslash.
json_text() {
	sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p' "$2"
}

# The fields of the policy as curl options, in their order, for one folder: that
# of the grant, or in its place another one.
form_options() {
	sed -e "s|\\\${filename}|$file_name|" \
	    -e 's/.*"fields":{\([^}]*\)}.*/\1/' "$dir/grant.json" |
	    sed -e "s|\"key\":\"$folder|\"key\":\"$1|" -e 's/","/"\n"/g' |
	    sed -n "s/^\"\\([^\"]*\\)\":\"\\([^\"]*\\)\"*\$/    -F '\\1=\\2' \\\\/p"
}

upload_command() {
	printf 'curl -sS \\\n%s\n    -F file=@%s \\\n    %s' \
	    "$(form_options "$1")" "$dir/$file_name" \
	    "$(json_text url "$dir/grant.json")"
}

make_file() {
	awk 'BEGIN {
		print "id,text"
		for (i = 1; i <= 100; i++)
			printf "%d,this is row %d of the demo\n", i, i
	}' >"$dir/$file_name"
}

grant_command() {
	printf '%s sign miner --hotkey %s --coldkey %s |\n' \
	    build/bin/foldergate "$dir/wallets/hotkey1" "$coldkey1"
	printf '    curl -sS --json @- %s/get-folder-access' "$url"
}

# The second miner signs, and says that it is the first one.
forge_command() {
	printf '%s sign miner --hotkey %s --coldkey %s |\n' \
	    build/bin/foldergate "$dir/wallets/hotkey2" "$coldkey2"
	printf '    sed "s/%s/%s/; s/%s/%s/" |\n' \
	    "$hotkey2" "$hotkey1" "$coldkey2" "$coldkey1"
	printf '    curl -sS --json @- %s/get-folder-access' "$url"
}

one_file_command() {
	printf '%s sign --tao %s --hotkey %s |\n' \
	    build/bin/foldergate "$dir/body.json" "$dir/wallets/hotkey1"
	printf '    curl -sS -K - --data-binary @%s %s/get-file-upload-url' \
	    "$dir/body.json" "$url"
}

# tell TITLE COMMAND: a command of the operator's, and what it prints.
tell() {
	printf '\n%s\n\n$ %s\n\n' "$1" "$2"
	eval "$2" || fails "$2 failed"
}

prepare_reader() {
	printf '\nTo repeat a step by hand:\n\n'
	printf '$ cd %s\n$ export FOLDERGATE_CONFIG=%s\n' \
	    "$root" "$FOLDERGATE_CONFIG"
}

show() {
	step 200 'The first miner asks for its folder, and signs that' \
	    "$(grant_command)"
	cp "$dir/answer" "$dir/grant.json"
	folder=$(json_text folder "$dir/grant.json")
	if [ -z "$folder" ]; then
		fails 'no grant, so the next steps cannot be tried'
		return 0
	fi
	step 204 'It uploads a file, with the fields of that answer' \
	    "$(upload_command "$folder")"
	step 200 'It lists its folder, through list_url of that answer' \
	    "curl -sS '$(json_text list_url "$dir/grant.json")'"
	holds "<Key>$folder$file_name</Key>"
	other=$(printf '%s' "$folder" |
	    sed "s/$hotkey1/$hotkey2/; s/$coldkey1/$coldkey2/")
	step 403 'The same upload into the folder of the second miner' \
	    "$(upload_command "$other")"
	holds '<Code>AccessDenied</Code>'
	step 401 'A forged request: the second miner says it is the first' \
	    "$(forge_command)"
	holds '"code":"invalid_signature"'
	upload_other
	upload_one
	discover
	validate
	guard
	step 200 'How the service is' "curl -sS $url/healthcheck"
}

# The second miner's client is of the first generation: a folder for a source.
upload_other() {
	step 200 'The second miner asks for its folder of source x' \
	    "$(printf '%s sign miner --hotkey %s --coldkey %s --source x |\n' \
	    build/bin/foldergate "$dir/wallets/hotkey2" "$coldkey2")
    curl -sS --json @- $url/get-folder-access"
	cp "$dir/answer" "$dir/grant.json"
	folder=$(json_text folder "$dir/grant.json")
	step 204 'It uploads, too' "$(upload_command "$folder")"
}

# The third generation asks for one file of a job at a time.
upload_one() {
	job=data_20261122_101112_100_0123456789abcdef.parquet
	printf '{"job_id":"default_0","filename":"%s"}' "$job" \
	    >"$dir/body.json"
	step 200 'The first miner asks to upload one file of a job' \
	    "$(one_file_command)"
	cp "$dir/answer" "$dir/grant.json"
	folder=$(json_text s3_key "$dir/grant.json")
	step 204 'It uploads that' "$(upload_command "$folder")"
	step 409 'It asks for the same file again' "$(one_file_command)"
	holds '"code":"exists"'
}

# What keeps others, and itself, in bounds.
guard() {
	step 200 'The first miner asks once more' "$(printf \
	    '%s sign miner --hotkey %s --coldkey %s >%s\n' \
	    build/bin/foldergate "$dir/wallets/hotkey1" "$coldkey1" \
	    "$dir/body.json")
curl -sS --json @$dir/body.json $url/get-folder-access"
	step 400 'Somebody who saw that sends it again' \
	    "curl -sS --json @$dir/body.json $url/get-folder-access"
	holds '"code":"replay_detected"'
	tell 'The operator denies the second miner' \
	    "build/bin/foldergate deny add --hotkey $hotkey2 \\
    --for 1h --reason 'shown in the demo'"
	step 401 'Which asks' "$(grant_command | sed 's|hotkey1|hotkey2|' |
	    sed "s|$coldkey1|$coldkey2|")"
	holds '"code":"denied"'
	tell 'And allows it again' \
	    "build/bin/foldergate deny remove --hotkey $hotkey2"
	tell 'What was counted today' 'build/bin/foldergate usage'
	tell 'Is the audit log whole?' 'build/bin/foldergate audit verify'
}

# Once, for all to see; then for as long as we stay.
discover() {
	printf '\nWhat is in the bucket\n\n$ build/bin/bucket-sync --once\n'
	"$root/build/bin/bucket-sync" --once 2>>"$dir/log/demo.log" ||
	    die "$(json_text reason "$dir/state/bucket-sync.status")" \
	    "(bucket-sync); see $dir/log/demo.log"
	"$root/build/bin/bucket-sync" 2>>"$dir/log/demo.log" &
	remember bucket-sync $!
}

# ask KIND ENDPOINT [ARGUMENTS]: the command with which the validator asks.
ask() {
	printf '%s sign %s --hotkey %s%s |\n' build/bin/foldergate "$1" \
	    "$dir/wallets/hotkey3" "${3:+ $3}"
	printf '    curl -sS --json @- %s/%s' "$url" "$2"
}

validate() {
	step 200 'A validator asks who is there' \
	    "$(ask validator get-validator-access)"
	holds "\"$coldkey2\":{\"x\":"
	all=$(json_text list_all_data "$dir/answer")
	step 200 'It lists all of the hotkey layout' "curl -sS '$all'"
	holds "<Key>data/hotkey=$hotkey1/$file_name</Key>"
	step 200 'It lists the first miner' \
	    "$(ask list get-miner-list "--miner $hotkey1")"
	step 200 'By the URL of that answer' \
	    "curl -sS '$(json_text list_url "$dir/answer")'"
	holds "<Key>data/hotkey=$hotkey1/$file_name</Key>"
	step 200 'It asks for the file' "$(ask files get-file-presigned-urls \
	    "--miner $hotkey1 data/hotkey=$hotkey1/$file_name")"
	step 200 'And downloads it' \
	    "curl -sS '$(json_text presigned_url "$dir/answer")'"
	cmp -s "$dir/answer" "$dir/$file_name" || fails 'other bytes'
	step 200 'The same of the second miner, by its coldkey' \
	    "$(ask files get-file-presigned-urls \
	    "--coldkey $coldkey2 data/x/$coldkey2/$file_name")"
	step 200 'And downloads that' \
	    "curl -sS '$(json_text presigned_url "$dir/answer")'"
	cmp -s "$dir/answer" "$dir/$file_name" || fails 'other bytes'
	step 401 'A miner asks as if it were a validator' \
	    "$(ask validator get-validator-access |
	    sed "s|hotkey3|hotkey1|")"
	holds '"code":"no_permit"'
}

report() {
	if [ -n "$wrong" ]; then
		printf '\nrun: not as expected:%s\nrun: logs are in %s\n' \
		    "$wrong" "$dir/log $dir/s3/ceph/log" >&2
		return 1
	fi
	printf '\nall %d steps as expected\n' "$steps"
}

# --- staying -----------------------------------------------------------------

explain() {
	cat <<E

foldergate serves.  Ctrl-C stops all of it.

  foldergate	$url/get-folder-access
  its pages	$url/ and $url/docs
  S3 server	$S3_ENDPOINT/$S3_BUCKET (keys: $dir/s3/s3.env)
  configuration	$FOLDERGATE_CONFIG
  first miner	$dir/wallets/hotkey1
		hotkey $hotkey1
		coldkey $coldkey1
  second miner	$dir/wallets/hotkey2
		hotkey $hotkey2
		coldkey $coldkey2
  validator	$dir/wallets/hotkey3
		hotkey $hotkey3
  logs		$dir/log

These work in another terminal, in any directory.  The first tries about 500
ways out of the first miner's folder.  The second gets that miner a grant.

$foldergate selftest cross-folder --url $url --wallet-path $dir/wallets --wallet first --other-wallet second --validator validator

$foldergate sign miner --hotkey $dir/wallets/hotkey1 --coldkey $coldkey1 | curl -sS --noproxy '*' --json @- $url/get-folder-access
E
}

stay() {
	while sleep 5; do
		for name in $processes; do
			runs $name || die "$name has ended; see $dir/log"
			remember $name "${process%:*}"
		done
	done
}

# --- main --------------------------------------------------------------------

dir=$1 port=$2 sockets=$3 once=${4-}
foldergate=$root/build/bin/foldergate
file_name=posts.csv
url=http://127.0.0.1:$port
# A proxy for the world outside is none for this machine.
no_proxy=127.0.0.1 NO_PROXY=127.0.0.1
export no_proxy NO_PROXY

# For the next start, should somebody kill run.sh.
echo $$ >"$dir/session"
cd "$root"
# One build at a time, where several runs share the tree.
busy building "$dir/log/build.log" \
    flock -F "$root/Makefile" make -s -C "$root"
umask 077
start_store
make_wallets
make_file
start_node
write_config
start_web
prepare_reader
learn
# What is signed in the second in which the ledger begins is refused.
sleep 1
tell 'Does the store enforce what grants rely on?' \
    'build/bin/foldergate check-store'
show
result=0
report || result=1
[ -z "$once" ] || exit $result
explain
stay
