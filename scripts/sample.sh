#!/bin/sh
# Write a configuration with every setting, its meaning and its default, as
# comments, from what `foldergate check-config` prints.  Only the places of an
# installation are set.
#
# usage: sh scripts/sample.sh FOLDERGATE SYSCONFDIR
set -eu
LC_ALL=C
export LC_ALL

[ $# -eq 2 ] || { echo 'usage: sample.sh FOLDERGATE SYSCONFDIR' >&2; exit 2; }

# What has no default is set here, to be seen in the origin of its value.  The
# region, which some providers have, is set by a variable: it counts as not set.
required=$(mktemp)
trap 'rm -f "$required"' EXIT
cat >"$required" <<'C'
[s3]
endpoint = https://store.example.org
bucket = example
[state]
directory = /tmp
C

cat <<C
; The configuration of foldergate.  What begins with a semicolon is not set, and
; shows the default.  Set what is marked "required", a key pair and
; chain.endpoints, then: foldergate check-config --user foldergate
C

# It fails, because of what it finds; the table comes first.
(env -i FOLDERGATE_CONFIG="$required" FOLDERGATE_S3_REGION=r "$1" check-config 2>/dev/null || :) |
awk -v etc="$2/foldergate" '
function comment(s,	line, word, words, i) {
	words = split(s, word, " ")
	line = ";"
	for (i = 1; i <= words; i++) {
		if (length(line) + length(word[i]) > 78) {
			print line
			line = ";"
		}
		line = line " " word[i]
	}
	print line
}
BEGIN {
	set["state.directory"] = "/var/lib/foldergate"
	set["state.shared"] = "/var/lib/foldergate-shared"
	set["audit.key_file"] = etc "/audit.key"
	example["s3.secret_access_key_file"] = etc "/s3.secret"
}
/^[a-z0-9]+\.[a-z0-9_]+ / {
	name = $1
	split(name, part, ".")
	rest = substr($0, index($0, "; ") + 2)
	origin = substr(rest, 1, index(rest, "; ") - 1)
	if (origin !~ /^(default|not set|line [0-9]+|environment)$/) {
		print "sample: not a setting: " $0 >"/dev/stderr"
		exit bad = 1
	}
	about = substr(rest, index(rest, "; ") + 2)
	value = substr($0, length(name) + 1, index($0, "; ") - length(name) - 1)
	gsub(/^ +| +$/, "", value)
	if (part[1] != section)
		printf("\n[%s]\n", section = part[1])
	print ""
	comment((origin ~ /^line/ && !(name in set) ? "required: " : "") about)
	if (name in set)
		print part[2] " = " set[name]
	else if (name in example)
		print ";" part[2] " = " example[name]
	else
		print ";" part[2] " =" (origin == "default" ? " " value : "")
}
END { exit bad || section == "" }'
