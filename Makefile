# SPDX-License-Identifier: GPL-2.0-or-later
#
# sipguard: `make help` lists what can be asked for. Everything that is made goes to $(BUILD).

BUILD      ?= build
PREFIX     ?= /usr/local
DESTDIR    ?=
SBINDIR    ?= $(PREFIX)/sbin
MANDIR     ?= $(PREFIX)/share/man
EXAMPLEDIR ?= $(PREFIX)/share/doc/sipguard/examples
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
UNITDIR    ?= $(PREFIX)/lib/systemd/system
UDEVRULESDIR ?= $(PREFIX)/lib/udev/rules.d
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
DATADIR    ?= $(PREFIX)/share/sipguard

CC         ?= gcc
CLANG      ?= clang
CLANG_FORMAT ?= clang-format
CLANG_TIDY ?= clang-tidy
BPFTOOL    ?= $(firstword $(wildcard /usr/sbin/bpftool /usr/local/sbin/bpftool) bpftool)
PKG_CONFIG ?= pkg-config

# The changelog's first line is the one source of the version. A tarball has its revision in a file; `sudo make install`
# must not find another one than `make` did, so git is told to read a tree of somebody else as well.
VERSION    := $(shell sed -nE '1s/^sipguard \(([^-)]+).*/\1/p' scripts/debian/changelog)
REVISION   := $(or $(file < .revision),$(shell git -c safe.directory='*' rev-parse --short=12 HEAD 2>/dev/null),unknown)

V ?= 0
ifeq ($(V),0)
Q := @
say = @printf '  %-8s %s\n' '$(1)' '$(patsubst $(BUILD)/%,%,$(2))'
else
Q :=
say = @:
endif

.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
.DEFAULT_GOAL := all

# ---------------------------------------------------------------------------- the program in the kernel

# The UAPI headers of Debian's multiarch stand behind clang's own, which -target bpf would not search.
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
BPF_SYSTEM := -idirafter /usr/include/$(MULTIARCH) -idirafter /usr/include
BPF_CPPFLAGS := -Iinclude -Ibpf $(BPF_SYSTEM)
# The program has the byte order of the machine that it is for, which may not be the one that builds it.
BPF_TARGET := $(if $(shell $(CC) -dM -E -x c /dev/null 2>/dev/null | grep 'BYTE_ORDER__ __ORDER_BIG'),bpfeb,bpfel)
BPF_CFLAGS := -target $(BPF_TARGET) -mcpu=v3 -std=gnu11 -O2 -g -Wall -Wextra -Werror -ffile-prefix-map=$(CURDIR)=.

# `gen object` leaves the DWARF behind and keeps the BTF, so the same source gives the same bytes.
$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CPPFLAGS) $(BPF_CFLAGS) -MMD -MP -MF $(@:.o=.d) -MT $@ -c $< -o $(@:.o=.dwarf.o)
	$(Q)$(BPFTOOL) gen object $@ $(@:.o=.dwarf.o)

$(BUILD)/bpf/%.skel.h: $(BUILD)/bpf/%.bpf.o
	$(call say,SKELETON,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@
	$(Q)printf '#define SIPGUARD_OBJECT_HASH "%.16s"\n' "$$(sha256sum < $<)" >> $@

# ---------------------------------------------------------------------------- user space

PACKAGES := inih jansson libbpf libmnl yaml-0.1 zlib
EXPORTER_PACKAGES := libmicrohttpd

# CPPFLAGS, CFLAGS and LDFLAGS belong to the caller, and reach every compiler and linker; a tree that is packaged sets
# WERROR to nothing, since the next compiler has other warnings.
CPPFLAGS ?= -D_FORTIFY_SOURCE=2
CFLAGS   ?= -O2 -g
LDFLAGS  ?=
WERROR   ?= -Werror
C_CPPFLAGS = -D_GNU_SOURCE -Iinclude -Iuser -I$(BUILD) -I$(BUILD)/bpf $(CPPFLAGS)
C_FLAGS   = -std=gnu11 -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Wshadow -Wformat=2 -Wundef \
	-Wno-missing-field-initializers $(WERROR) -fPIE -fstack-protector-strong -ffile-prefix-map=$(CURDIR)=. $(CFLAGS)
L_FLAGS   = -fPIE -pie -Wl,-z,relro,-z,now $(LDFLAGS)
LIBS      = -Wl,--as-needed $(shell $(PKG_CONFIG) --libs $(PACKAGES))
EXPORTER_LIBS = $(shell $(PKG_CONFIG) --libs $(EXPORTER_PACKAGES))

# Code that neither prints nor asks the kernel; the unit tests link just this.
PURE_FOLDERS := capture doctor metrics packet policy registrations rules/formats rules/import rules/lint \
	rules/model rules/walk sip text traffic
PURE_SOURCES := user/error.c $(wildcard $(PURE_FOLDERS:%=user/%/*.c)) \
	user/exporter/endpoint.c user/exporter/host.c user/exporter/negotiate.c
# What the command and the exporter share.
SHARED_SOURCES := $(wildcard user/store/*.c user/kernel/*.c) user/exporter/collect.c
COMMAND_SOURCES := user/main.c $(wildcard user/commands/*.c user/engine/*.c)
EXPORTER_SOURCES := $(filter-out $(PURE_SOURCES) $(SHARED_SOURCES),$(wildcard user/exporter/*.c))
IMPURE_SOURCES := $(SHARED_SOURCES) $(COMMAND_SOURCES) $(EXPORTER_SOURCES)
PURE_OBJECTS := $(PURE_SOURCES:%.c=$(BUILD)/%.o)
SHARED_OBJECTS := $(SHARED_SOURCES:%.c=$(BUILD)/%.o)
IMPURE_OBJECTS := $(IMPURE_SOURCES:%.c=$(BUILD)/%.o)

# $(1): where the objects go, $(2): what is added to the compiler's flags
define compile
$(1)/%.o: %.c
	$$(call say,CC,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) $$(C_CPPFLAGS) $$(C_FLAGS) $(2) -MMD -MP -c $$< -o $$@
endef
$(eval $(call compile,$(BUILD),))

# Made anew when it says something else, so that what tells the version is built anew after a commit, and only that.
$(BUILD)/version.h: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)printf '#define SIPGUARD_%s "%s"\n' VERSION '$(VERSION)' REVISION '$(REVISION)' > $@.new
	$(Q)if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

.PHONY: FORCE
FORCE:

$(IMPURE_OBJECTS): | $(BUILD)/version.h
$(BUILD)/user/kernel/%.o: | $(BUILD)/bpf/sipguard.skel.h
$(BUILD)/user/kernel/program.o: $(BUILD)/bpf/sipguard.skel.h

# Only `top` draws on a terminal.
$(BUILD)/sipguard: LIBS += $(shell $(PKG_CONFIG) --libs ncursesw)
$(BUILD)/sipguard: $(PURE_OBJECTS) $(SHARED_OBJECTS) $(COMMAND_SOURCES:%.c=$(BUILD)/%.o)
	$(call say,LINK,$@)
	$(Q)$(CC) $(L_FLAGS) $^ $(LIBS) -o $@

$(BUILD)/sipguard-exporter: $(PURE_OBJECTS) $(SHARED_OBJECTS) $(EXPORTER_SOURCES:%.c=$(BUILD)/%.o)
	$(call say,LINK,$@)
	$(Q)$(CC) $(L_FLAGS) $^ $(LIBS) $(EXPORTER_LIBS) -o $@

# The page is part of the program.
$(BUILD)/user/exporter/assets.o: $(wildcard user/exporter/page/*)

# The reasons, findings and drivers of the manual come from the one list of each.
$(BUILD)/sipguard.8: user/manual/sipguard.8.in include/sipguard/reasons.h user/rules/lint/lint_checks.h user/doctor/driver.c \
		scripts/drivers.awk
	$(call say,MANUAL,$@)
	$(Q)sed -nE 's/^\tX\([A-Z_0-9]+, ([a-z_]+), ([A-Z]+), "(.*)"\).*/.TP\n.BR \1 " (\L\2\E)"\n\3/p' \
		include/sipguard/reasons.h > $@.reasons
	$(Q)sed -nE 's/^\tX\([A-Z_0-9]+, (SG[0-9]+), "([a-z0-9-]+)", ([A-Z]+), "(.*)", \\$$/.TP\n.BR \1 " \2 (\L\3\E)"\n\4/p' \
		user/rules/lint/lint_checks.h > $@.findings
	$(Q)awk -f scripts/drivers.awk user/doctor/driver.c > $@.drivers
	$(Q)sed -e '/@REASONS@/r $@.reasons' -e '/@REASONS@/d' \
		-e '/@FINDINGS@/r $@.findings' -e '/@FINDINGS@/d' \
		-e '/@DRIVERS@/r $@.drivers' -e '/@DRIVERS@/d' $< > $@

# What the compilers wrote down beside each object, whatever the section that made it.
-include $(shell find $(BUILD) -path $(BUILD)/roots -prune -o -path $(BUILD)/machine -prune -o -name '*.d' -type f -print 2>/dev/null)

.PHONY: all
all: $(BUILD)/sipguard $(BUILD)/sipguard-exporter $(BUILD)/sipguard.8 ## build the commands and their manual (no root)

# ---------------------------------------------------------------------------- unit tests

# Criterion's macros define functions that nobody declares.
TEST_FLAGS := -Itests -Wno-missing-prototypes
CRITERION_LIBS = $(shell $(PKG_CONFIG) --libs criterion) -lm
$(BUILD)/tests/%.o $(BUILD)/sanitize/tests/%.o: C_FLAGS += $(TEST_FLAGS)

UNIT_SOURCES := $(wildcard tests/unit/*.c) tests/packet/sketch.c $(PURE_SOURCES) $(wildcard user/store/*.c)
SANITIZE := -U_FORTIFY_SOURCE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
$(eval $(call compile,$(BUILD)/sanitize,$(SANITIZE)))

$(BUILD)/tests/unit/run: $(UNIT_SOURCES:%.c=$(BUILD)/%.o)
	$(call say,LINK,$@)
	$(Q)$(CC) $(L_FLAGS) $^ $(LIBS) $(CRITERION_LIBS) -o $@

$(BUILD)/sanitize/tests/unit/run: $(UNIT_SOURCES:%.c=$(BUILD)/sanitize/%.o)
	$(call say,LINK,$@)
	$(Q)$(CC) $(L_FLAGS) $(SANITIZE) $^ $(LIBS) $(CRITERION_LIBS) -o $@

.PHONY: test-unit test-sanitize
test-unit: $(BUILD)/tests/unit/run ## test the pure code and the files (no root)
	$(Q)$<

# A leak does not fail a test of Criterion by itself, but the sanitizer writes it to a file.
test-sanitize: $(BUILD)/sanitize/tests/unit/run ## the same under the address and undefined behaviour sanitizers (no root)
	$(Q)rm -f $(BUILD)/sanitize/report.*
	$(Q)ASAN_OPTIONS=log_path=$(abspath $(BUILD)/sanitize/report) $<
	$(Q)! cat $(BUILD)/sanitize/report.* 2>/dev/null

# ---------------------------------------------------------------------------- fuzzing

# tests/fuzz/NAME.c begins with the inputs in tests/fuzz/corpus/NAME. How long fuzz-NAME runs; test-fuzz makes always the
# same inputs.
FUZZ_SECONDS ?= 60
FUZZ_RUNS  := 20000
FUZZERS    := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
FUZZ_FLAGS := -max_len=8192 -artifact_prefix=$(BUILD)/fuzz/

# The dumps of the unit tests are inputs as well.
FUZZ_SEEDS_rules := tests/unit/dumps

$(BUILD)/fuzz/%.o: private CC = $(CLANG)
$(eval $(call compile,$(BUILD)/fuzz,-fsanitize=fuzzer-no-link $(SANITIZE)))

$(BUILD)/fuzz/run-%: $(BUILD)/fuzz/tests/fuzz/%.o $(PURE_SOURCES:%.c=$(BUILD)/fuzz/%.o)
	$(call say,LINK,$@)
	$(Q)$(CLANG) $(L_FLAGS) -fsanitize=fuzzer $(SANITIZE) $^ $(LIBS) -o $@

.PHONY: test-fuzz $(FUZZERS:%=test-fuzz-%) $(FUZZERS:%=fuzz-%)
test-fuzz: $(FUZZERS:%=test-fuzz-%) ## hostile input to every parser that meets it: a short run (no root)

$(FUZZERS:%=test-fuzz-%): test-fuzz-%: $(BUILD)/fuzz/run-%
	$(Q)rm -rf $(BUILD)/fuzz/fresh-$* && mkdir -p $(BUILD)/fuzz/fresh-$*
	$(Q)$< -seed=1 -runs=$(FUZZ_RUNS) $(FUZZ_FLAGS) $(BUILD)/fuzz/fresh-$* tests/fuzz/corpus/$* $(FUZZ_SEEDS_$*) \
		>$(BUILD)/fuzz/log-$* 2>&1 || { cat $(BUILD)/fuzz/log-$*; false; }
	$(Q)tail -n 1 $(BUILD)/fuzz/log-$*

# A long run goes on where the last one ended.
$(FUZZERS:%=fuzz-%): fuzz-%: $(BUILD)/fuzz/run-%
	$(Q)mkdir -p $(BUILD)/fuzz/corpus-$*
	$(Q)$< -max_total_time=$(FUZZ_SECONDS) $(FUZZ_FLAGS) $(BUILD)/fuzz/corpus-$* tests/fuzz/corpus/$* $(FUZZ_SEEDS_$*)

.PHONY: check
check: test-unit test-sanitize test-fuzz ## what needs neither root nor the network, for a package's build

# ---------------------------------------------------------------------------- benchmarks

LIST_SIZES ?= 10 1000 10000 100000 1000000
ROUNDS     ?= 15
SLICE      ?= 20

BENCH         := $(BUILD)/bench/bench
BENCH_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(filter-out %.bpf.c,$(wildcard tests/bench/*.c)))
BENCH_HEADERS := $(BUILD)/tests/bench/bench.skel.h

$(BUILD)/tests/bench/%.bpf.o: tests/bench/%.bpf.c
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CPPFLAGS) $(BPF_CFLAGS) -MMD -MP -MF $(@:.o=.d) -MT $@ -c $< -o $@

$(BUILD)/tests/bench/%.skel.h: $(BUILD)/tests/bench/%.bpf.o
	$(call say,SKELETON,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@

$(BENCH_OBJECTS): C_CPPFLAGS += -I$(BUILD)/tests/bench
$(BENCH_OBJECTS): | $(BENCH_HEADERS)

$(BENCH): $(BENCH_OBJECTS) $(PURE_OBJECTS) $(filter $(BUILD)/user/kernel/%,$(IMPURE_OBJECTS))
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(L_FLAGS) $^ $(LIBS) -lm -o $@

.PHONY: bench bench-check bench-picture
bench: $(BENCH) $(BUILD)/sipguard $(BUILD)/sipguard-exporter ## measure sipguard and its rivals (root; LIST_SIZES, ROUNDS, SLICE in ms)
	$(Q)$(BENCH) --rounds $(ROUNDS) --slice $(SLICE) --commands $(BUILD) \
		--json $(BUILD)/bench/results.json --picture $(BUILD)/bench/flood.svg $(LIST_SIZES)

bench-picture: bench ## the same, and keep the picture that the README shows (root)
	$(Q)cp $(BUILD)/bench/flood.svg tests/bench/flood.svg

bench-check: $(BENCH) $(BUILD)/sipguard $(BUILD)/sipguard-exporter ## see that the benchmarks run, without judging any number (root)
	$(Q)$(BENCH) --rounds 1 --slice 10 --commands $(BUILD) \
		--json $(BUILD)/bench/check.json --picture $(BUILD)/bench/check.svg 100 2000

# ---------------------------------------------------------------------------- packet tests

# What the tests that ask the kernel link: everything but the command line.
KERNEL_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard user/kernel/*.c))
PACKET_SOURCES := $(wildcard tests/packet/*.c)

$(BUILD)/tests/packet/run: $(PACKET_SOURCES:%.c=$(BUILD)/%.o) $(KERNEL_OBJECTS) $(PURE_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(L_FLAGS) $^ $(LIBS) $(CRITERION_LIBS) -o $@

.PHONY: test-packet
test-packet: $(BUILD)/tests/packet/run ## test the program frame by frame, with BPF_PROG_TEST_RUN (root)
	$(Q)$< --jobs 2

# ---------------------------------------------------------------------------- the kernel as the judge

STACK_SOURCES := $(wildcard tests/stack/*.c)
STACK_OBJECTS := $(STACK_SOURCES:%.c=$(BUILD)/%.o) $(PURE_OBJECTS)
GROUPS ?= 20000000
SEED ?= 1

$(BUILD)/tests/stack/stack-fuzz: $(STACK_OBJECTS) $(KERNEL_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(L_FLAGS) $^ $(LIBS) -o $@

.PHONY: test-stack fuzz-stack
test-stack: $(BUILD)/tests/stack/stack-fuzz ## random frames to real sockets, with the guard and without: a short run (root)
	$(Q)$< --groups 300000 --seed $(SEED)

fuzz-stack: $(BUILD)/tests/stack/stack-fuzz ## a long run of it: GROUPS, SEED (root)
	$(Q)$< --groups $(GROUPS) --seed $(SEED)

# ---------------------------------------------------------------------------- the packet filter as the judge

NETFILTER_SOURCES := $(wildcard tests/netfilter/*.c)
NETFILTER_OBJECTS := $(NETFILTER_SOURCES:%.c=$(BUILD)/%.o) $(PURE_OBJECTS)
RULE_SETS ?= 200000

$(BUILD)/tests/netfilter/netfilter-judge: $(NETFILTER_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $^ $(LIBS) -o $@

.PHONY: test-netfilter fuzz-netfilter
test-netfilter: $(BUILD)/tests/netfilter/netfilter-judge ## import and lint against the kernel's packet filter: a short run (root)
	$(Q)$< --count 200 --jobs 4 --seed $(SEED) --known tests/netfilter/known.list

fuzz-netfilter: $(BUILD)/tests/netfilter/netfilter-judge ## a long run of it: RULE_SETS, SEED (root)
	$(Q)$< --count $(RULE_SETS) --jobs 4 --seed $(SEED) --known tests/netfilter/known.list

# ---------------------------------------------------------------------------- killed commands

CRASH_SOURCES := $(wildcard tests/crash/*.c)
KILLS ?= 30

$(BUILD)/tests/crash/crash: $(CRASH_SOURCES:%.c=$(BUILD)/%.o) $(SHARED_OBJECTS) $(PURE_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(L_FLAGS) $^ $(LIBS) -o $@

.PHONY: test-crash
test-crash: $(BUILD)/tests/crash/crash $(BUILD)/sipguard ## each command killed at KILLS of its system calls, at all with 0 (root; MATCH)
	$(Q)tests/crash/run $< $(KILLS) $(BUILD)/sipguard '$(MATCH)'

# ---------------------------------------------------------------------------- under traffic

LIVE_SOURCES := $(wildcard tests/live/*.c)
SWAPS ?= 100

$(BUILD)/tests/live/live: $(LIVE_SOURCES:%.c=$(BUILD)/%.o) $(KERNEL_OBJECTS) $(PURE_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(L_FLAGS) $^ $(LIBS) -pthread -o $@

.PHONY: test-live
test-live: $(BUILD)/tests/live/live ## list and program swapped under a flood and trusted traffic: SWAPS (root)
	$(Q)$< $(SWAPS)

# ---------------------------------------------------------------------------- tests of the tests

# The same with the program or its policy broken on purpose: copies of the source that one line of a list changed.
STACK_MUTANTS  := $(shell sed -nE 's/^([a-z0-9-]+) :: .*/\1/p' tests/mutants/stack.list 2>/dev/null)
POLICY_MUTANTS := $(shell sed -nE 's/^([a-z0-9-]+) :: .*/\1/p' tests/mutants/policy.list 2>/dev/null)
RULES_MUTANTS := $(shell sed -nE 's/^([a-z0-9-]+) :: .*/\1/p' tests/mutants/rules.list 2>/dev/null)
MUTABLE := $(wildcard tests/mutants/* bpf/* include/sipguard/* user/*/*.[ch] user/rules/*/*.[ch])

$(BUILD)/mutants/stack/%/changed $(BUILD)/mutants/policy/%/changed $(BUILD)/mutants/rules/%/changed: $(MUTABLE)
	$(Q)tests/mutants/mutate tests/mutants/$(notdir $(patsubst %/,%,$(dir $(@D)))).list $* $(@D)

# Of the program: a skeleton of its own. Of user space: the object of the file that changed.
$(BUILD)/mutants/%/mutant.o: $(BUILD)/mutants/%/changed $(BUILD)/bpf/sipguard.skel.h
	$(call say,MUTANT,$@)
	$(Q)if grep -q '^user/' $<; then source=$(@D)/$$(cat $<); skeleton=$(BUILD)/bpf; else \
		source=user/kernel/program.c; skeleton=$(@D)/bpf && \
		$(CLANG) -I$(@D)/include -I$(@D)/bpf $(BPF_SYSTEM) $(BPF_CFLAGS) -w \
			-c $(@D)/bpf/sipguard.bpf.c -o $(@D)/mutant.dwarf.o && \
		$(BPFTOOL) gen object $(@D)/sipguard.bpf.o $(@D)/mutant.dwarf.o && \
		$(BPFTOOL) gen skeleton $(@D)/sipguard.bpf.o name sipguard_bpf > $(@D)/bpf/sipguard.skel.h; fi && \
		$(CC) -I$(@D)/include -I$$skeleton $(C_CPPFLAGS) $(C_FLAGS) -w -c $$source -o $@

# $(1): the list, $(2): the objects of its test
define link_mutant
$(BUILD)/mutants/$(1)/%/test: $(BUILD)/mutants/$(1)/%/mutant.o $(2)
	$$(Q)original=$$$$(sed -n 's/\.c$$$$/.o/; s/^bpf.*/user\/kernel\/program.o/; s/^include.*/user\/kernel\/program.o/; p' \
		$$(@D)/changed) && \
		$$(CC) $$(L_FLAGS) $$$$(printf '%s\n' $$^ | grep -v "^$(BUILD)/$$$$original$$$$") $$(LIBS) $(3) -o $$@
endef
$(eval $(call link_mutant,stack,$(STACK_OBJECTS) $(KERNEL_OBJECTS)))
$(eval $(call link_mutant,policy,$(PACKET_SOURCES:%.c=$(BUILD)/%.o) $(KERNEL_OBJECTS) $(PURE_OBJECTS),$$(CRITERION_LIBS)))
$(eval $(call link_mutant,rules,$(NETFILTER_OBJECTS)))

.PHONY: test-mutants test-stack-mutants test-policy-mutants test-rules-mutants
test-mutants: ## see that what is broken on purpose is caught (root)
	$(Q)$(MAKE) --no-print-directory test-stack-mutants
	$(Q)$(MAKE) --no-print-directory test-policy-mutants
	$(Q)$(MAKE) --no-print-directory test-rules-mutants

test-stack-mutants: $(STACK_MUTANTS:%=$(BUILD)/mutants/stack/%/test)
	$(Q)tests/mutants/run tests/mutants/stack.list $(BUILD)/mutants/stack --groups 200000 --stop-at-first

test-policy-mutants: $(POLICY_MUTANTS:%=$(BUILD)/mutants/policy/%/test)
	$(Q)tests/mutants/run tests/mutants/policy.list $(BUILD)/mutants/policy --filter 'sequences/*'

test-rules-mutants: $(RULES_MUTANTS:%=$(BUILD)/mutants/rules/%/test)
	$(Q)tests/mutants/run tests/mutants/rules.list $(BUILD)/mutants/rules --count 2000 --jobs 4 --stop-at-first \
		--known tests/netfilter/known.list

# ---------------------------------------------------------------------------- end to end

.PHONY: demo test test-system
demo: ## install what is missing, build, and guard a real SIP server before your eyes (root)
	$(Q)scripts/setup build demo
	$(Q)$(MAKE) --no-print-directory -j"$$(nproc)" all
	$(Q)scripts/demo

# Static, because it also runs on machines that have nothing else.
$(BUILD)/tests/kinds/cable: tests/kinds/cable.c
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(C_CPPFLAGS) $(C_FLAGS) -static $< -o $@

$(BUILD)/tests/system/short_of_memory.so: tests/system/short_of_memory.c
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(C_CPPFLAGS) $(C_FLAGS) -fPIC -shared $< -o $@

test-system: $(BUILD)/sipguard $(BUILD)/sipguard-exporter $(BUILD)/tests/kinds/cable $(BUILD)/tests/system/short_of_memory.so ## the command in network namespaces, with real SIP peers (root)
	$(Q)tests/system/run '$(MATCH)'

# The same with both programs built under the sanitizers: what they find ends the program with an exit status of its own.
COMMAND_LIBS = $(LIBS) $(shell $(PKG_CONFIG) --libs ncursesw)
$(BUILD)/sanitize/user/kernel/%.o: | $(BUILD)/bpf/sipguard.skel.h
$(BUILD)/sanitize/sipguard: $(patsubst %.c,$(BUILD)/sanitize/%.o,$(PURE_SOURCES) $(SHARED_SOURCES) $(COMMAND_SOURCES))
	$(call say,LINK,$@)
	$(Q)$(CC) $(L_FLAGS) $(SANITIZE) $^ $(COMMAND_LIBS) -o $@

$(BUILD)/sanitize/sipguard-exporter: $(patsubst %.c,$(BUILD)/sanitize/%.o,$(PURE_SOURCES) $(SHARED_SOURCES) $(EXPORTER_SOURCES))
	$(call say,LINK,$@)
	$(Q)$(CC) $(L_FLAGS) $(SANITIZE) $^ $(LIBS) $(EXPORTER_LIBS) -o $@

# A part of it for continuous integration: what draws, learns, loads and swaps.
.PHONY: test-system-sanitize test-some-sanitize
test-some-sanitize:
	$(Q)$(MAKE) --no-print-directory test-system-sanitize \
		MATCH='20-life/test_swap|40-policy/.*monitor|44-loading/.*progress|64-learn/test_(a_list|the_policy)|76-exporter/test_the'

test-system-sanitize: $(BUILD)/sanitize/sipguard $(BUILD)/sanitize/sipguard-exporter $(BUILD)/tests/kinds/cable
	$(Q)SIPGUARD=$(abspath $(BUILD)/sanitize/sipguard) EXPORTER=$(abspath $(BUILD)/sanitize/sipguard-exporter) \
		WORLD_PATIENCE=4 tests/system/run '$(MATCH)'

# Set-up comes first and make starts anew, because a fresh machine has no compiler that this file could have asked.
# MORE are suites that continuous integration adds.
test: ## install what is missing, build, and run the tests (root)
	$(Q)scripts/setup build test demo browser
	$(Q)$(MAKE) --no-print-directory -j"$$(nproc)" all
	$(Q)tests/run test-unit test-sanitize test-fuzz test-packet test-stack test-netfilter test-live test-crash \
		test-system $(MORE)

# ---------------------------------------------------------------------------- other kernels

# In continuous integration: Debian's kernels, the quick part of the packet tests, the judge, native mode on real cards,
# and one kind of device each for what the kernels of containers and small machines lack: layer 3, both readings of a
# frame, a master of others, and one that is refused.
MACHINE_NEEDS := $(BUILD)/sipguard $(BUILD)/tests/packet/run $(BUILD)/tests/stack/stack-fuzz $(BUILD)/tests/kinds/cable
MACHINE_KINDS := gre xfrm bond vrf

.PHONY: test-machine test-long
test-machine: $(MACHINE_NEEDS) ## guards under Debian's kernels 6.1 and 6.12, booted by qemu (root)
	$(Q)scripts/setup machine
	$(Q)PACKET='@(rows|policy|jumbo|generations)/*' KINDS='$(MACHINE_KINDS)' MATCH=test_native \
		tests/machine/run bookworm trixie

test-long: $(MACHINE_NEEDS) ## all packet tests and kinds of devices, and longer fuzzing, under these and the newest kernel (root)
	$(Q)scripts/setup machine
	$(Q)$(MAKE) --no-print-directory test-roots-long
	$(Q)GROUPS_OF_STACK=200000 LIMIT=7200 tests/machine/run bookworm trixie sid
	$(Q)$(MAKE) --no-print-directory fuzz-stack

# ---------------------------------------------------------------------------- minimal roots

# In continuous integration: the demonstration, set-up, build, and the tests that once expected more of the machine.
ROOT_MATCH := 10-traffic/test_native|70-capture/test_drops|75-http|77-prometheus|90-setup|92-demo

.PHONY: test-roots test-roots-long
test-roots: ## demo, set-up, build and some tests on a minimal root of Debian 12 (root)
	$(Q)scripts/setup roots
	$(Q)tests/roots/run bookworm 'make demo' 'scripts/setup build test demo browser' \
		"make -j$$(nproc) all && make test-system MATCH='$(ROOT_MATCH)'"

test-roots-long: ## demo and all tests on minimal roots of Debian 12 and 13 (root)
	$(Q)scripts/setup roots
	$(Q)for release in bookworm trixie; do tests/roots/run $$release 'make demo' 'make test' || exit; done

# ---------------------------------------------------------------------------- installation

INSTALL ?= install

UNITS := sipguard.service sipguard@.service sipguard-failed@.service sipguard-exporter.service
RULES := recording.yml alerts.yml scrape.yml
ROLE  := $(patsubst scripts/%,%,$(shell find scripts/ansible -type f))

.PHONY: install uninstall
install: all ## install the commands, manuals, schema of the answers, completion, examples, systemd units, rules, dashboard and Ansible role (DESTDIR, PREFIX)
	$(INSTALL) -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(MANDIR)/man8 $(DESTDIR)$(COMPLETIONDIR) \
		$(DESTDIR)$(UNITDIR) $(DESTDIR)$(DATADIR)/prometheus $(DESTDIR)$(DATADIR)/grafana
	$(INSTALL) -m 0755 $(BUILD)/sipguard $(BUILD)/sipguard-exporter $(DESTDIR)$(SBINDIR)
	$(INSTALL) -m 0644 $(BUILD)/sipguard.8 user/manual/sipguard-exporter.8 $(DESTDIR)$(MANDIR)/man8
	for command in sipguard sipguard-exporter; do $(INSTALL) -m 0644 user/completion/$$command.bash \
		$(DESTDIR)$(COMPLETIONDIR)/$$command; done
	$(INSTALL) -d $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man7
	sed 's|@DATADIR@|$(DATADIR)|' user/manual/sipguard-json.7 > $(DESTDIR)$(MANDIR)/man7/sipguard-json.7
	$(INSTALL) -m 0644 user/manual/sipguard.schema.json $(DESTDIR)$(DATADIR)
	sed 's|@EXAMPLES@|$(EXAMPLEDIR)|' user/manual/sipguard.conf.5 > $(DESTDIR)$(MANDIR)/man5/sipguard.conf.5
	$(INSTALL) -D -m 0644 scripts/etc/sipguard.conf $(DESTDIR)$(EXAMPLEDIR)/sipguard.conf
	$(INSTALL) -D -m 0644 scripts/etc/allow.d/example.list $(DESTDIR)$(EXAMPLEDIR)/allow.d/example.list
	for unit in $(UNITS); do sed 's|@SBINDIR@|$(SBINDIR)|' scripts/systemd/$$unit \
		> $(DESTDIR)$(UNITDIR)/$$unit; done
	$(INSTALL) -d $(DESTDIR)$(UDEVRULESDIR)
	sed 's|@SBINDIR@|$(SBINDIR)|' scripts/udev/79-sipguard.rules > $(DESTDIR)$(UDEVRULESDIR)/79-sipguard.rules
	$(INSTALL) -D -m 0644 scripts/systemd/sipguard.sysusers $(DESTDIR)$(SYSUSERSDIR)/sipguard.conf
	$(INSTALL) -m 0644 $(RULES:%=scripts/prometheus/%) $(DESTDIR)$(DATADIR)/prometheus
	$(INSTALL) -m 0644 scripts/grafana/sipguard.json $(DESTDIR)$(DATADIR)/grafana
	$(INSTALL) -m 0755 scripts/purge $(DESTDIR)$(DATADIR)
	for file in $(ROLE); do $(INSTALL) -D -m 0644 scripts/$$file $(DESTDIR)$(DATADIR)/$$file || exit; done

uninstall: ## remove what install put there; guards and the policy stay, and where there are guards, what ends them
	rm -f $(DESTDIR)$(SBINDIR)/sipguard $(DESTDIR)$(SBINDIR)/sipguard-exporter \
		$(DESTDIR)$(MANDIR)/man8/sipguard.8 $(DESTDIR)$(MANDIR)/man8/sipguard-exporter.8 \
		$(DESTDIR)$(MANDIR)/man5/sipguard.conf.5 $(DESTDIR)$(MANDIR)/man7/sipguard-json.7 \
		$(DESTDIR)$(EXAMPLEDIR)/sipguard.conf \
		$(DESTDIR)$(EXAMPLEDIR)/allow.d/example.list \
		$(DESTDIR)$(COMPLETIONDIR)/sipguard $(DESTDIR)$(COMPLETIONDIR)/sipguard-exporter \
		$(UNITS:%=$(DESTDIR)$(UNITDIR)/%) $(DESTDIR)$(UDEVRULESDIR)/79-sipguard.rules $(DESTDIR)$(SYSUSERSDIR)/sipguard.conf
	rm -rf $(addprefix $(DESTDIR)$(DATADIR)/,prometheus grafana ansible sipguard.schema.json)
	@if [ -e /sys/fs/bpf/sipguard/devices ]; then \
		echo 'Guards that are attached go on, and SIP stays closed to strangers. To end them: $(DATADIR)/purge'; \
	else rm -rf $(DESTDIR)$(DATADIR); fi
	@echo 'The state in /var/lib/sipguard stays.'

# ---------------------------------------------------------------------------- the source

SOURCES = $(shell git ls-files '*.c' '*.h' 2>/dev/null)
SCRIPTS = $(shell git grep -lE '^\#!.*(ba)?sh' -- . 2>/dev/null; git ls-files '*.sh' '*.bash' 2>/dev/null)

.PHONY: format lint
format: ## rewrite the source in the project's format
	$(Q)$(CLANG_FORMAT) -i $(SOURCES)

# The skeleton and the compilers' flags are what clang-tidy needs to read the code as the build does.
lint: compile_commands.json $(BUILD)/bpf/sipguard.skel.h $(BUILD)/version.h ## check format, clang-tidy, layers, shellcheck and ansible-lint (no root)
	$(Q)$(CLANG_FORMAT) --dry-run -Werror $(SOURCES)
	$(Q)printf '%s\n' $(COMPILED) | xargs -n 4 -P "$$(nproc)" $(CLANG_TIDY) --quiet -p . 2>/dev/null
	$(Q)tests/layers
	$(Q)shellcheck -x $(SCRIPTS)
	$(Q)cd scripts/ansible && ansible-lint --offline --nocolor -q --profile production site.yml inventory.yml roles/sipguard

COMPILED = $(PURE_SOURCES) $(IMPURE_SOURCES)

compile_commands.json: Makefile ## for clangd and other tools
	$(call say,JSON,$@)
	$(Q){ printf '['; separator=; for source in $(COMPILED); do \
		printf '%s\n{"directory": "%s", "file": "%s", "command": "%s"}' "$$separator" \
			'$(CURDIR)' "$$source" \
			'$(CC) $(C_CPPFLAGS) $(C_FLAGS)'" -c $$source"; \
		separator=,; done; printf '\n]\n'; } > $@

include scripts/package.mk

.PHONY: clean help
clean: ## remove everything that was made
	rm -rf $(BUILD) compile_commands.json

help: ## show this list
	@grep -hE '^[a-z_.-]+:.*## ' $(filter-out %.d,$(MAKEFILE_LIST)) | sort | \
		sed -E 's/^([a-z_.-]+):.*## (.*)/\1\t\2/' | expand -t 24
