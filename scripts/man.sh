#!/bin/sh
# Write the manual pages: of programs and commands from their own --help, of the
# configuration and the protocol from docs/.  No text is written twice.
#
# usage: sh scripts/man.sh BIN DIR	BIN has the programs; DIR gets the pages
#
# A command with more than three options has a page of its own.
set -eu
LC_ALL=C
export LC_ALL

[ $# -eq 2 ] || { echo 'usage: man.sh BIN DIR' >&2; exit 2; }
bin=$1 dir=$2 scripts=$(dirname "$0")
mkdir -p "$dir"
version=$(cat VERSION)
date=$(sed -n '/^ -- /{s/.*, \(.*\) ..:..:.*/\1/p;q;}' debian/changelog |
    awk '{
	split("January February March April May June July August September " \
	    "October November December", month, " ")
	for (m in month)
		if (substr(month[m], 1, 3) == $2)
			printf "%s %d, %d", month[m], $1, $3
    }')

# A help text: lines of usage, then paragraphs.  What is indented stays as it is.
help() {
	awk '
	function text(s) {
		gsub(/\\/, "\\e", s)
		gsub(/-/, "\\-", s)
		return s ~ /^[.\047]/ ? "\\\&" s : s
	}
	function out(	i, plain) {
		if (n == 0)
			return
		plain = 1
		for (i = 1; i <= n; i++)
			if (line[i] ~ /^[ \t]/)
				plain = 0
		if (!first)
			print ".PP"
		first = 0
		if (!plain)
			print ".nf"
		for (i = 1; i <= n; i++)
			print text(line[i])
		if (!plain)
			print ".fi"
		n = 0
	}
	/^usage: / {
		usage = 1
		print ".SH SYNOPSIS"
		print ".nf"
		sub(/^usage: /, "")
	}
	usage && $0 == "" {
		usage = 0
		print ".fi"
		print ".SH DESCRIPTION"
		first = 1
		next
	}
	usage { sub(/^       /, ""); print text($0); next }
	$0 == "" { out(); next }
	{ line[++n] = $0 }
	END { out() }'
}

# page NAME SECTION SUMMARY: what precedes and follows the body, which is read.
page() {
	cat <<-P
		.TH $(printf '%s' "$1" | tr a-z A-Z | sed 's/-/\\-/g') $2 "$date" "foldergate $version"
		.SH NAME
		$(printf '%s \\- %s' "$(printf '%s' "$1" | sed 's/-/\\-/g')" "$3" | fold -s -w 76 | sed 's, $,,')
	P
	cat
	echo '.SH SEE ALSO'
	for other in $all; do
		[ "$other" = "$1.$2" ] ||
		    printf '.BR %s (%s)\n' "${other%.*}" "${other##*.}"
	done | sed 's/-/\\-/g; $!s/$/,/'
}

files() {
	cat <<-P
		.SH FILES
		.TP
		.I /etc/foldergate/foldergate.conf
		The configuration, unless the environment variable
		.B FOLDERGATE_CONFIG
		names another file.
	P
}

# The commands of foldergate, and those with more than three options.
commands=$("$bin"/foldergate --help | sed -n 's/^  \([a-z-]*\)   *[A-Z].*/\1/p')
long=
for command in $commands; do
	options=$("$bin"/foldergate "$command" --help |
	    grep -oE -e '--[a-z][a-z-]*' | sort -u | wc -l)
	[ "$options" -le 3 ] || long="$long $command"
done
all=foldergate.1
for command in $long; do
	all="$all foldergate-$command.1"
done
all="$all foldergate.conf.5 foldergate.7 chain-sync.8 bucket-sync.8"

summary() {
	"$bin"/foldergate --help |
	    sed -n "s/^  $1   *\\([A-Z]\\)\\(.*\\)/\\1 \\2/p" |
	    { read -r first rest; printf '%s%s' "$(echo "$first" | tr A-Z a-z)" "$rest"; }
}

rm -f "$dir"/*.[1-8]
{
	"$bin"/foldergate --help | help
	for command in $commands; do
		case " $long " in
		*" $command "*)	continue ;;
		esac
		echo ".SH foldergate $command"
		"$bin"/foldergate "$command" --help | help | sed 's/^\.SH SYNOPSIS$/.PD 0/
		    s/^\.SH DESCRIPTION$/.PD\n.PP/' |
		    sed '/^\.PD/d'
	done
	files
} | page foldergate 1 'sign requests, move files, and run a server that grants access' \
    >"$dir"/foldergate.1
for command in $long; do
	"$bin"/foldergate "$command" --help | help |
	    page "foldergate-$command" 1 "$(summary "$command")" \
	    >"$dir/foldergate-$command.1"
done
for sync in 'chain-sync keep the snapshot of who is registered' \
    'bucket-sync keep the index of what is in the bucket'; do
	{ "$bin/${sync%% *}" --help | help; files; } |
	    page "${sync%% *}" 8 "${sync#* }" >"$dir/${sync%% *}.8"
done
{ echo '.SH DESCRIPTION'; awk -f "$scripts"/page.awk docs/configure.md; } |
    page foldergate.conf 5 'the configuration of foldergate' \
    >"$dir"/foldergate.conf.5
{ echo '.SH DESCRIPTION'; awk -f "$scripts"/page.awk docs/api.md; } |
    page foldergate 7 'the protocol: requests, proofs, answers' \
    >"$dir"/foldergate.7
