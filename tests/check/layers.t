#!/bin/sh
# The house stands: includes point downwards, third-party headers are where
# DESIGN.md says, and only those who may read the clock or the environment.
set -u
n=0 failed=0

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

# Lines of C source, comments dropped, as FILE:LINE.
code() {
	grep -Hn '' $(find "$@" -name '*.[ch]') | sed 's,/\*.*\*/,,' |
	    grep -v '^[^:]*:[0-9]*:[[:space:]]*\*'
}

# The rows of a table of DESIGN.md or $2, cells between bars: those after the
# line that begins with $1, up to the first line that is no row.
table() {
	awk -v head="$1" '
	index($0, head) == 1 { inside = 1; getline; next }
	inside && !/^[|]/ { exit }
	inside { gsub(/^[|] *| *[|]$/, ""); gsub(/ *[|] */, "|"); print }
	' "${2:-DESIGN.md}"
}

# folder and layer, a line each.
layers=$(table '| layer | folders' | awk -F'|' '{
	n = split($2, folder, / *, */)
	for (i = 1; i <= n; i++)
		print folder[i], $1
}')

result 'includes point downwards, as the table of layers in DESIGN.md says' "$(
	{ echo "$layers"; echo; code common | sed -n 's,^common/\([a-z0-9]*\)/\([^:]*\):[0-9]*:#include "\([a-z0-9]*\)/.*,\1 \3 \1/\2,p'; } |
	awk '
	!end && NF == 0 { end = 1; next }
	!end { rank[$1] = $2; next }
	!($1 in rank) || !($2 in rank) || ($1 != $2 && rank[$2] >= rank[$1]) {
		print $3 " includes " $2
	}')"

result 'DESIGN.md gives every folder of common/ a layer, and no other' "$(
	{ ls common; echo "$layers" | cut -d' ' -f1; } | sort | uniq -u)"

# A glob of that table as a pattern of grep.
pattern() {
	printf '%s' "$1" | sed 's/\./[.]/g; s/ *, */|/g; s/[*]/.*/g'
}

while IFS='|' read -r library header places; do
	result "$library's header <$header> is only in $places" "$(
		code common cgi-bin client sync |
		grep -E "#include <$(pattern "$header")>" | cut -d: -f1 |
		grep -vxE "$(pattern "$places")")"
done <<TABLE
$(table '| library | header')
TABLE

result 'every header from outside is in the table of DESIGN.md' "$(
	known=$(table '| library | header' | cut -d'|' -f2 | paste -sd,)
	code common cgi-bin client sync |
	sed -n 's,^\([^:]*\):[0-9]*:#include <\([^>]*\)>.*,\2 \1,p' |
	grep -vE "^($(pattern "$known")) " |
	grep -vE '^((sys|netinet|arpa|linux)/[a-z0-9_]+|[a-z0-9_]+)[.]h ' |
	sort -u
	code common cgi-bin client sync | grep -E '#include <fcgi_stdio.h>')"

# Globs of modules, FOLDER/MODULE, that have no unit test of their own.
elsewhere=$(table '| module | tested by' tests/README.md | cut -d'|' -f1 |
    paste -sd,)

result 'each module has its unit test, or tests/README.md says what tests it' "$(
	for f in common/*/*.c; do
		module=${f#common/}
		module=${module%.c}
		[ -f "tests/unit/$(echo "$module" | tr / _).c" ] ||
		    echo "$module"
	done | grep -vxE "$(pattern "$elsewhere")")"

result 'tests/README.md names no module that is not there, and no such test' "$(
	table '| module | tested by' tests/README.md | tr '|' '\n' |
	    sed 's/ *, */\n/g' | grep / | while read -r name; do
		ls $name common/$name.c >/dev/null 2>&1 ||
		    [ -e "common/${name%%/*}" ] && [ "${name#*/}" = '*' ] ||
		    [ -e "common/$name.c" ] || [ -e "$name" ] || echo "$name"
	done)"

result 'only clock.c reads a clock' "$(
	code common cgi-bin client sync | grep -v '^common/base/clock.c:' |
	grep -wE 'time|gettimeofday|clock_gettime|clock' | grep -E '(time|gettimeofday|clock_gettime|clock)\(')"

result 'only web/ and the mains ask for the time' "$(
	code common cgi-bin | grep -E 'clock_(now_ms|boot_ms|run_us)\(' |
	grep -vE '^common/(base/clock\.[ch]|web/(program|guard|count|meter).c):')"

result 'only config/, base/secret.c and web/transport.c read the environment' "$(
	code common cgi-bin | grep -wE 'getenv|environ' |
	grep -vE '^common/(config/(config|ini)|base/secret|web/transport)\.c:')"

result 'only net/ and Redis of ledger/ reach out' "$(
	code common cgi-bin client sync |
	grep -vE '^common/(net/[a-z_]*|ledger/redis_(link|names))\.[ch]:' |
	grep -E '\b(connect|getaddrinfo|gethostbyname|curl_[a-z_]*|redis[A-Za-z]*Connect[A-Za-z]*)\(')"

result 'ledger/redis_link.c connects by hiredis alone' "$(
	code common/ledger/redis_link.c |
	grep -E '\b(connect|getaddrinfo|gethostbyname|curl_[a-z_]*)\(')"

result 'ledger/redis_names.c looks names up and opens no connection' "$(
	code common/ledger/redis_names.c |
	grep -E '\b(connect|curl_[a-z_]*|redis[A-Za-z]*Connect[A-Za-z]*)\(')"

result 'get-file-upload-url alone names the need that makes requests, and four files of the client make their own' "$(
	grep -lw need_probe cgi-bin/*.c |
	grep -vx 'cgi-bin/get-file-upload-url.c'
	code common cgi-bin client | grep -E '#include "net/http\.h"' |
	grep -vE '^(common/(net/(http|asker|asker_wire)|s3/probe)|client/(store|doctor_outside|doctor_store|service))\.c:'
	code common cgi-bin sync | grep -E '#include "net/stream\.h"' |
	grep -vE '^common/net/stream(_(head|body))?\.[ch]:'
	code common cgi-bin client | grep -E '#include "s3/probe\.h"' |
	grep -vE '^common/(s3/probe\.c|web/need_probe\.c|web/web\.h):|^client/store_keys\.c:')"

result 'only bucket-sync writes an index' "$(
	code common cgi-bin client sync |
	grep -E '#include "state/bucket_draft\.h"' |
	grep -vE '^(common/state/bucket_draft\.c|sync/(bucket-sync|walk)\.[ch]):')"

result 'none of the functions that STYLE.md forbids' "$(
	code common cgi-bin client sync |
	grep -E '\b(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|strtok|alloca|scanf|sscanf|system|popen|shm_open)\(')"

result 'bar/foo.c exports only foo_* or bar_foo_*, and web/ web_*' "$(
	for f in common/*/*.c; do
		awk -v f="$f" '
		BEGIN {
			split(f, part, "/")
			file = substr(part[3], 1, length(part[3]) - 2)
		}
		/^[a-z0-9_]+\(/ && !/^static_assert/ && type !~ /static/ {
			name = substr($0, 1, index($0, "(") - 1)
			if ((name "_") !~ "^(" part[2] "_)?" file "_" &&
			    !(part[2] == "web" && name ~ /^web_/))
				print f " exports " name
		}
		{ type = $0 }' "$f"
	done)"

result 'no line is longer than 80 columns' "$(
	for f in $(find common cgi-bin client sync -name '*.[ch]'); do
		expand "$f" | awk -v f="$f" 'length > 80 { print f ":" NR }'
	done)"

# Kinds of keys.def say what a setting may be; nobody else may spell it.
result 'no setting is compared with a string' "$(
	code common cgi-bin client sync |
	grep -E 'str(n|case|ncase)?cmp\(.*(cfg|\bc)(->|\.)(s3|access|chain|bucket|state|limits|audit|web)_.*"')"

result 'no endpoint calls a check: the frame does' "$(
	code cgi-bin | grep -E \
	    '\b(admit|auth_(proven|signed|miner|validator|time)|sr25519_[a-z]+|guard_[a-z]+|caller_[a-z]+|denylist_address|denylist_key|throttle_take)\(')"

result 'no endpoint writes JSON: tables do' "$(
	code cgi-bin | grep -E '\b(buf_(json|str|char|fmt|add)|emit_[a-z]+)\(')"

echo "1..$n"
exit $failed
