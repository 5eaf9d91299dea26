#!/bin/sh
# Write the manual page of a program from its own --help, on standard output.
#
# usage: sh scripts/man.sh PROGRAM SECTION SUMMARY
#
# Commands that a program lists explain themselves, each in a section.
set -eu
LC_ALL=C
export LC_ALL

[ $# -eq 3 ] || { echo 'usage: man.sh PROGRAM SECTION SUMMARY' >&2; exit 2; }
program=$1 section=$2 summary=$3
name=${program##*/}

# A help text: lines of usage, then paragraphs.  What is indented stays as it is.
page() {
	awk -v synopsis="$1" '
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
		print ".PP"
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
		if (synopsis)
			print synopsis
		print ".nf"
		sub(/^usage: /, "")
	}
	usage && $0 == "" {
		usage = 0
		print ".fi"
		if (synopsis)
			print ".SH DESCRIPTION"
		next
	}
	usage { sub(/^       /, ""); print text($0); next }
	$0 == "" { out(); next }
	{ line[++n] = $0 }
	END { out() }'
}

cat <<P
.TH $(printf '%s' "$name" | tr a-z A-Z) $section "" "foldergate $(cat VERSION)"
.SH NAME
$name \\- $summary
P
"$program" --help | page '.SH SYNOPSIS'
commands=$("$program" --help | sed -n 's/^  \([a-z-]*\)   *[A-Z].*/\1/p')
if [ -n "$commands" ]; then
	echo '.SH COMMANDS'
	for command in $commands; do
		echo ".SS $command"
		"$program" "$command" --help | page ''
	done
fi
cat <<'P'
.SH FILES
.TP
.I /etc/foldergate/foldergate.conf
The configuration, unless the environment variable
.B FOLDERGATE_CONFIG
names another file.
.SH SEE ALSO
P
for other in 'foldergate (1)' 'chain-sync (8)' 'bucket-sync (8)'; do
	[ "${other% *}" = "$name" ] || echo ".BR $other"
done | sed 's/-/\\-/g; $!s/$/,/'
