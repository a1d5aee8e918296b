# waybill: build, test, run.  "make help" lists the targets.
#
# Variables: MODE=release|debug|asan|fuzz, CC, BUILD (where objects go), PREFIX, DESTDIR, UNITDIR, SYSUSERSDIR.

MODE   ?= release
CC     ?= gcc
BUILD  ?= build/$(MODE)
# one name for one place: what headers an object was made from is noted by its name
override BUILD := $(patsubst $(CURDIR)/%,%,$(BUILD))
PREFIX ?= /usr/local
PKGS   := libpq libpcre2-8 libxml-2.0 zlib libcrypto libxxhash libpsl libidn2 libarchive json-c libcurl liblzma libzstd libmaxminddb
FUZZ_SECONDS ?= 60
# systemd looks below /etc and /usr/local/lib, too; its own answer is for packages, which have PREFIX=/usr
UNITDIR ?= $(if $(filter /usr,$(PREFIX)),$(or $(shell pkg-config --variable=systemdsystemunitdir systemd 2>/dev/null),/lib/systemd/system),$(PREFIX)/lib/systemd/system)
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
FLOORS := common ingest analyze report sql cli

ifeq ($(shell pkg-config --exists $(PKGS) && echo yes),yes)
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS))
PKG_LIBS   := $(shell pkg-config --libs $(PKGS)) -lunbound -lbz2 -lm -pthread
endif

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wvla -Wformat=2 -Wmissing-prototypes -Wstrict-prototypes
FLAGS_release := -O2 -g
FLAGS_debug   := -O0 -g3
FLAGS_asan    := -O1 -g3 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FLAGS_fuzz    := -O1 -g3 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
ifeq ($(MODE),fuzz)
CC := clang
endif
FLOOR_INCLUDES := $(addprefix -I,$(FLOORS)) -I$(BUILD)
ALL_CFLAGS := -std=c11 -D_GNU_SOURCE $(WARNINGS) $(FLAGS_$(MODE)) $(FLOOR_INCLUDES) $(PKG_CFLAGS) -pthread $(CFLAGS)

SOURCES := $(sort $(foreach f,$(FLOORS),$(wildcard $(f)/*.c)))
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/sql_embedded.o
LIB     := $(BUILD)/libwaybill.a
MAIN    := $(BUILD)/cli/main.o
SQL     := $(sort $(wildcard sql/migrations/*.sql sql/queries/*.sql sql/views/*.sql))
ASSETS  := $(sort $(wildcard report/assets/* analyze/assets/*))

UNIT    := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/unit/test_*.c)))
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
REPLAYS := $(patsubst tests/fuzz/%.c,$(BUILD)/replay/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
TOOLS   := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(sort $(wildcard tests/bench/*.c)))

.PHONY: all help deps check check-built lint bench fuzz golden install demo clean conformance asan format tools units fuzzers fuzzers-run replays FORCE

all: waybill

help:
	@echo 'all          build ./waybill (MODE=release|debug|asan)'
	@echo 'deps         install the Debian packages needed (root, or a user with sudo)'
	@echo 'demo         deps, build, and the main job on samples/'
	@echo 'check        deps, build, every test'
	@echo 'asan         every test under the address and undefined-behaviour sanitizers'
	@echo 'conformance  public suites against the public commands'
	@echo 'lint         layout, floors, owners, static analysis'
	@echo 'bench        speed as ratios'
	@echo 'fuzz         every fuzz target for FUZZ_SECONDS (60)'
	@echo 'golden       write the expected outputs of tests/cli anew'
	@echo 'install      into DESTDIR/PREFIX'

deps:
	@./.ci/deps

waybill: $(BUILD)/waybill
	@ln -sf $< $@

$(BUILD)/waybill: $(MAIN) $(LIB)
	$(CC) $(ALL_CFLAGS) -o $@ $(MAIN) $(LIB) $(PKG_LIBS) $(LDFLAGS)

$(LIB): $(filter-out $(MAIN),$(OBJECTS))
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# A file that went or was renamed is no newer than what was made with it: the list of names tells.
$(BUILD)/embedded.list: FORCE
	@mkdir -p $(@D)
	@echo '$(SQL) $(ASSETS)' | cmp -s - $@ || echo '$(SQL) $(ASSETS)' > $@

$(BUILD)/sql_embedded.c: $(SQL) $(ASSETS) .ci/embed $(BUILD)/embedded.list
	@mkdir -p $(@D)
	./.ci/embed $(SQL) $(ASSETS) > $@.new && mv $@.new $@

$(BUILD)/sql_embedded.o: $(BUILD)/sql_embedded.c
	$(CC) $(ALL_CFLAGS) -Wno-overlength-strings -c -o $@ $<

$(BUILD)/tests/%: tests/unit/%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Itests/unit -MMD -MP -o $@ $< $(LIB) $(PKG_LIBS)

$(BUILD)/bench/%: tests/bench/%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -o $@ $< $(LIB) $(PKG_LIBS)

$(BUILD)/fuzz/%: tests/fuzz/%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer -MMD -MP -o $@ $< $(LIB) $(PKG_LIBS)

$(BUILD)/replay/%: tests/fuzz/%.c tests/fuzz/replay_main.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -o $@ $< tests/fuzz/replay_main.c $(LIB) $(PKG_LIBS)

# Compilation needs what deps installs; the pkg-config variables above are read again by a second make.
demo: deps
	@$(MAKE) --no-print-directory all
	@./.ci/demo

check: deps
	@$(MAKE) --no-print-directory check-built

units: $(UNIT)

replays: $(REPLAYS)

tools: $(TOOLS)

check-built: waybill $(UNIT) $(TOOLS) $(REPLAYS)
	@./tests/run

asan: deps
	@$(MAKE) --no-print-directory MODE=asan check-built

conformance: waybill
	@./tests/run conformance

lint:
	@./.ci/lint

bench: waybill $(TOOLS)
	@./tests/bench/run

fuzz:
	@$(MAKE) --no-print-directory MODE=fuzz fuzzers-run

fuzzers: $(FUZZERS)

fuzzers-run: fuzzers
	@BUILD=$(BUILD) FUZZ_SECONDS=$(FUZZ_SECONDS) ./tests/fuzz/run

golden: waybill
	@GOLDEN=1 ./tests/run cli

format:
	clang-format -i $(foreach f,$(FLOORS),$(wildcard $(f)/*.[ch])) $(wildcard tests/*/*.[ch])

install: waybill
	install -D -m 755 $(BUILD)/waybill $(DESTDIR)$(PREFIX)/bin/waybill
	for page in man/*.[1-8]; do \
		install -D -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/} || exit 1; \
	done
	for unit in systemd/*.service systemd/*.timer; do \
		mkdir -p $(DESTDIR)$(UNITDIR) && sed 's|@BINDIR@|$(PREFIX)/bin|g' $$unit > $(DESTDIR)$(UNITDIR)/$${unit##*/} && \
		chmod 644 $(DESTDIR)$(UNITDIR)/$${unit##*/} || exit 1; \
	done
	install -D -m 644 systemd/waybill.sysusers $(DESTDIR)$(SYSUSERSDIR)/waybill.conf

clean:
	rm -rf build waybill

-include $(OBJECTS:.o=.d) $(UNIT:=.d) $(FUZZERS:=.d) $(TOOLS:=.d)
