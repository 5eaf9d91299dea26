# foldergate.  make builds everything into build/; see README.md.

CC	?= cc
B	?= build
O	= $B/obj
WARN	= -Wall -Wextra -Wshadow -Wconversion -Wvla -Werror
HARDEN	= -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
OPT	?= -O2 -g
CFLAGS	?= $(OPT) $(HARDEN)
LDFLAGS	?= -pie -Wl,-z,relro,-z,now,--as-needed
ALLCFLAGS = -std=c11 -D_GNU_SOURCE -Icommon $(WARN) $(CFLAGS)
CHAIN	:= chain-sync daemon rpc scale learn
BUCKET	:= bucket-sync daemon walk
LIBS	= -lfcgi -ljson-c -linih -lsodium -lcrypto -lsqlite3 -lhiredis

COMMON	:= $(wildcard common/*/*.c)
CGI	:= $(patsubst cgi-bin/%.c,%,$(wildcard cgi-bin/*.c))
CLIENT	:= $(wildcard client/*.c)
FUZZ	:= $(filter-out standalone,$(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c)))
UNIT	:= $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c))

all: $(CGI:%=$B/cgi-bin/%) $B/bin/foldergate $B/bin/chain-sync $B/bin/bucket-sync

$B/libcommon.a: $(COMMON:%.c=$O/%.o)
	@rm -f $@
	ar rcs $@ $^

$B/cgi-bin/%: $O/cgi-bin/%.o $B/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$B/bin/foldergate: $(CLIENT:%.c=$O/%.o) $O/client/words.o $B/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

# The programs that speak to the outside, and they alone, link libcurl.
$B/cgi-bin/get-file-upload-url $B/test/cgi-bin/get-file-upload-url: \
    LIBS += -lcurl

$B/bin/chain-sync: $(CHAIN:%=$O/sync/%.o) $B/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) -lcurl

$B/bin/bucket-sync: $(BUCKET:%=$O/sync/%.o) $B/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) -lcurl -lexpat

$O/client/words.c: client/wordlist/english.txt scripts/wordlist.sh
	@mkdir -p $(@D)
	sh scripts/wordlist.sh <client/wordlist/english.txt >$@

$O/client/words.o: $O/client/words.c
	$(CC) $(ALLCFLAGS) -c -o $@ $<

$O/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALLCFLAGS) -MMD -MP -c -o $@ $<

# The test build: the same objects, with a clock that reads FOLDERGATE_NOW.
test-programs: $(CGI:%=$B/test/cgi-bin/%) $B/test/bin/foldergate \
    $B/test/bin/chain-sync $B/test/bin/bucket-sync $B/test/bin/signer \
    $B/test/bin/presigner $B/test/bin/wrong $B/test/slow_names.so \
    unit-programs

unit-programs: $(UNIT:%=$B/unit/%.t)

# A fuzz target under a driver with a generator of its own: every run the same.
fuzz-programs: $(FUZZ:%=$B/fuzz/%.t)

$B/fuzz/%.t: $O/tests/fuzz/%.o $O/tests/fuzz/standalone.o $B/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$B/test/cgi-bin/%: $O/cgi-bin/%.o $O/tests/support/clock_fixed.o $B/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$B/test/bin/foldergate: $(CLIENT:%.c=$O/%.o) $O/client/words.o \
    $O/tests/support/clock_fixed.o $B/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$B/test/bin/chain-sync: $(CHAIN:%=$O/sync/%.o) \
    $O/tests/support/clock_fixed.o $B/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) -lcurl

$B/test/bin/bucket-sync: $(BUCKET:%=$O/sync/%.o) \
    $O/tests/support/clock_fixed.o $B/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) -lcurl -lexpat

# Sign and presign whatever a test tells them to.
$B/test/bin/signer $B/test/bin/presigner: $B/test/bin/%: \
    $O/tests/support/%.o $B/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

# An endpoint that leaves out checks: what the frame must catch.
$B/test/bin/wrong: $O/tests/support/wrong.o $O/tests/support/clock_fixed.o \
    $B/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

# Preloaded: a name server that lets everybody wait.
$B/test/slow_names.so: tests/support/slow_names.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARN) -O2 -fPIC -shared -o $@ $<

$B/unit/client_%.t: $O/tests/unit/client_%.o $O/client/mnemonic.o \
    $O/client/wallet.o $O/client/words.o $B/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) -lcmocka

$B/unit/sync_%.t: $O/tests/unit/sync_%.o $O/sync/scale.o $B/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) -lcmocka

$B/unit/s3_listing.t: LIBS += -lexpat

$B/unit/%.t: $O/tests/unit/%.o $B/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) -lcmocka

$O/tests/unit/%.o: ALLCFLAGS += -Itests/support -Iclient -Isync

# Benchmarks: figures and ratios, no verdicts.
bench: all $B/bench/verify $B/bench/presign $B/bench/constant $B/bench/ledger
	$B/bench/verify
	$B/bench/presign
	sh tests/bench/http.sh $B 5

bench-chain: $B/bench/chain
	$B/bench/chain
	sh tests/bench/instructions.sh $B/bench/chain 2000 decode hex_only \
	    find_hit_256 find_hit_65535 find_miss_256 find_miss_65535

bench-urls: all $B/bench/presign $B/test/bin/foldergate \
    $B/test/bin/bucket-sync $B/test/bin/signer
	$B/bench/presign
	BUILD=$B python3 tests/bench/urls.py

bench-ledger: $B/bench/ledger
	$B/bench/ledger

$B/bench/chain: $O/tests/bench/chain.o $O/sync/scale.o $B/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$O/tests/bench/chain.o: ALLCFLAGS += -Isync

$B/bench/%: $O/tests/bench/%.o $B/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

check:
	sh scripts/check.sh

clean:
	rm -rf $B

.PHONY: all test-programs unit-programs fuzz-programs bench bench-chain bench-ledger bench-urls check clean
.SECONDARY:

-include $(shell find $O -name '*.d' 2>/dev/null)
