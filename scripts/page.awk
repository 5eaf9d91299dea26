# Write the body of a manual page from a page of docs/, so that each text exists
# once: the web shows the page, man(1) the same words.
#
# These forms of Markdown are known: headings, paragraphs, lists with "- " and
# "1. ", tables, indented and fenced text, and in a line `code`, **strong**,
# [text](target) and \ before a mark.  Other lines that begin with a mark are an
# error.

# What roff would take for its own.
function plain(s) {
	gsub(/\\/, "\\e", s)
	gsub(/-/, "\\-", s)
	gsub(/`/, "\\(ga", s)
	gsub(/\^/, "\\(ha", s)
	gsub(/~/, "\\(ti", s)
	gsub(/'/, "\\(aq", s)
	return s
}

# A line must not begin with a request.
function put(s) {
	print (s ~ /^[.']/ ? "\\&" : "") s
}

# The same in lines of at most 78 bytes, if its words allow it.
function fill(s,	word, n, i, line) {
	n = split(s, word, / +/)
	line = word[1]
	for (i = 2; i <= n; i++) {
		if (length(line) + length(word[i]) > 77) {
			put(line)
			line = word[i]
		} else
			line = line " " word[i]
	}
	put(line)
}

# A link inside the page needs no target; one to another page names that.
function link(text, target) {
	if (target ~ /^#/ || target ~ /^https?:/ && text == target)
		return words(text)
	sub(/#.*/, "", target)
	if (text == target || text == "")
		return words(text)
	return words(text) (target ~ /^https?:/ ? " (" plain(target) ")" : "")
}

function words(s,	out, i, c, end, text) {
	out = ""
	while (s != "") {
		c = substr(s, 1, 1)
		if (c == "\\" && substr(s, 2, 1) ~ /[][<>|*_`\\#]/) {
			out = out plain(substr(s, 2, 1))
			s = substr(s, 3)
		} else if (c == "`" && (end = index(substr(s, 2), "`"))) {
			text = substr(s, 2, end - 1)
			gsub(/\\\|/, "|", text)
			out = out "\\fB" plain(text) "\\fR"
			s = substr(s, end + 2)
		} else if (substr(s, 1, 2) == "**" &&
		    (end = index(substr(s, 3), "**"))) {
			out = out "\\fB" plain(substr(s, 3, end - 1)) "\\fR"
			s = substr(s, end + 4)
		} else if (c == "[" && match(s, /^\[[^]]*\]\([^)]*\)/)) {
			text = substr(s, 2, RLENGTH - 2)
			s = substr(s, RLENGTH + 1)
			i = index(text, "](")
			out = out link(substr(text, 1, i - 1),
			    substr(text, i + 2))
		} else {
			out = out plain(c)
			s = substr(s, 2)
		}
	}
	return out
}

function trim(s) {
	gsub(/^[ \t]+|[ \t]+$/, "", s)
	return s
}

# Print the paragraph that was collected, below ${how}, if there is one.
function flush_text() {
	if (text == "")
		return
	fill(words(text))
	text = ""
}

function flush_code(	i) {
	if (codes == 0)
		return
	print indented ? ".IP" : ".PP"
	print ".RS 4"
	print ".nf"
	for (i = 1; i <= codes; i++)
		put(plain(code[i]))
	print ".fi"
	print ".RE"
	codes = 0
}

# A row of a table: its first cell, then what the last says, then the others
# with the words of the head.
function row(line,	cell, n, i, rest) {
	gsub(/\\\|/, "\001", line)
	sub(/^\|/, "", line)
	sub(/\|[ \t]*$/, "", line)
	n = split(line, cell, /\|/)
	for (i = 1; i <= n; i++) {
		cell[i] = trim(cell[i])
		gsub(/\001/, "\\|", cell[i])
	}
	if (!in_table) {
		in_table = 1
		for (i = 1; i <= n; i++)
			head[i] = cell[i]
		return
	}
	if (cell[1] ~ /^:?-+:?$/)
		return
	print ".TP"
	put(cell[1] == "" ? "\\(em" : words(cell[1]))
	# Two columns explain themselves, and of three the last one does.
	if (n < 4) {
		rest = n < 2 || cell[n] == "" ? "\\(em" : words(cell[n])
		if (n == 3 && cell[2] != "")
			rest = rest " (" (head[2] == "" ? "" : \
			    words(head[2]) ": ") words(cell[2]) ")"
	} else {
		rest = ""
		for (i = 2; i <= n; i++)
			if (cell[i] != "")
				rest = rest (rest == "" ? "" : "; ") \
				    words(head[i]) ": " words(cell[i])
	}
	fill(rest)
}

function fail(why) {
	printf("%s:%d: %s: %s\n", FILENAME, FNR, why, $0) >"/dev/stderr"
	exit bad = 1
}

# After a heading a paragraph begins by itself.
function heading(macro, s) {
	flush_text()
	print macro " " words(s)
	indented = in_table = fresh = 0
	begun = 1
}

NR == 1 {
	if (!/^# /)
		fail("no title")
	next
}
NR == 2 && /^$/ { next }
/^```/ {
	flush_text()
	fenced = !fenced
	if (!fenced)
		flush_code()
	next
}
fenced { code[++codes] = $0; next }
/^(    |\t)/ && text == "" {
	if (blank && codes > 0)
		code[++codes] = ""
	blank = begun = 0
	sub(/^(    |\t)/, "")
	code[++codes] = $0
	next
}
/^$/ {
	if (codes > 0) {
		blank = 1
		next
	}
	flush_text()
	in_table = 0
	fresh = !begun
	next
}
{
	flush_code()
	blank = 0
}
!/^##/ { begun = 0 }
/^## / { heading(".SH", substr($0, 4)); next }
/^### / { heading(".SS", substr($0, 5)); next }
/^\|/ { flush_text(); row($0); fresh = 0; next }
/^- / || /^[0-9]+\. / && (text == "" || indented) {
	flush_text()
	indented = 1
	if (/^- /)
		print ".IP \\(bu 2"
	else
		print ".IP " substr($0, 1, index($0, ".")) " 4"
	sub(/^(- |[0-9]+\. )/, "")
	text = $0
	fresh = 0
	next
}
/^  / && indented {
	text = text (text == "" ? "" : " ") trim($0)
	if (fresh)
		print ".IP"
	fresh = 0
	next
}
/^[#>=]/ { fail("not a form that a manual page can show") }
{
	if (text == "") {
		if (fresh)
			print ".PP"
		indented = 0
	}
	text = text (text == "" ? "" : " ") $0
	fresh = 0
}
END {
	if (bad)
		exit 1
	flush_text()
	flush_code()
}
