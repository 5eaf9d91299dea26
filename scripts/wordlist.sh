#!/bin/sh
# wordlist.sh <client/wordlist/english.txt >words.c
# Turn the BIP-39 word list into C.  A list that is short, unsorted or not
# lower-case ends the build: the client searches it by halves.
set -eu
LC_ALL=C
export LC_ALL

exec awk '
function refuse(why) {
	print "wordlist.sh: line " NR ": " why >"/dev/stderr"
	bad = 1
	exit 1
}
BEGIN {
	print "/* Made by scripts/wordlist.sh from wordlist/english.txt. */"
	print "extern const char *const mnemonic_words[2048];\n"
	print "const char *const mnemonic_words[2048] = {"
}
!/^[a-z]+$/ || length($0) < 3 || length($0) > 8 {
	refuse("not a word of 3 to 8 lower-case letters")
}
# The empty strings make awk compare as text.
($0 "") <= (last "") { refuse("out of order") }
{ last = $0; print "\t\"" $0 "\"," }
END {
	if (!bad && NR != 2048)
		refuse("not 2048 words")
	if (bad)
		exit 1
	print "};"
}'
