# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors

SWIFT := swift
STRICT := --explicit-target-dependency-import-check error
EMBEDDED := -c release --product oldmemd --scratch-path .build-embedded
SOURCES := Package.swift Sources Tests

BIN := build/bin
LAB := $(BIN)/oldmem-lab
VMCORES := .build/lab/vmcores

.PHONY: all build daemon host setup lint format test unit-tests lab-quick \
  vmcores demo lab lab-all bench fuzz fuzz-nbd soak soak-quick soak-build sanitize \
  workload-vmcore judge-drgn judge-cuts judge-fleet coverage module \
  transcript screenshots \
  kernel capture-kernel deb test-deb rpm completions docs dist dist-check reproducible clean

all: build

# What a fresh Debian machine lacks.
setup:
	scripts/setup

# oldmem, oldmemd and oldmem-lab in build/bin.
build: host daemon

host:
	$(SWIFT) build -c release $(STRICT)
	install -D -t $(BIN) .build/release/oldmem .build/release/oldmem-lab

# The daemon for the capture kernel: Embedded Swift on musl, static.
daemon: build/musl/embedded.json
	$(SWIFT) build $(EMBEDDED) --toolset build/musl/embedded.json
	install -D -t $(BIN) .build-embedded/release/oldmemd

# Of what it builds, SwiftPM keeps what was made with other options.
build/musl/embedded.json: scripts/musl-sysroot
	rm -rf .build-embedded
	scripts/musl-sysroot build/musl

# oldmem.ko, and the lab's own module, in .build/module/RELEASE; and what DKMS
# makes of oldmem.ko.
module:
	for kernel in 6.12 6.1; do for folder in module test; do \
	  scripts/build-module kernel/$$folder $$kernel || exit 1; done; \
	  scripts/dkms-install $$kernel || exit 1; done

# build/oldmem_VERSION_amd64.deb: oldmem with the Swift runtime in it, for a
# machine that has none, and oldmemd. Nothing is downloaded that `make build`
# has not. A library that a plain Debian lacks is linked statically, so that
# `dpkg -i` does.
deb: daemon
	rm -rf build/static-deb
	mkdir -p build/static-deb
	ln -s $$(gcc -print-file-name=libbearssl.a) build/static-deb/
	$(SWIFT) build -c release --product oldmem --static-swift-stdlib $(STRICT) \
	  --scratch-path .build-static -Xlinker -L$(CURDIR)/build/static-deb
	scripts/deb .build-static/release/oldmem $(BIN)/oldmemd

# build/oldmem-VERSION.x86_64.rpm, for machines with kdump-utils. Libraries that
# have other names there are linked statically: their folder has no others.
rpm: daemon
	rm -rf build/static
	mkdir -p build/static
	for library in bearssl bz2 lz4 lzma md z zstd; do \
	  ln -s $$(gcc -print-file-name=lib$$library.a) build/static/ || exit 1; done
	$(SWIFT) build -c release --product oldmem --static-swift-stdlib $(STRICT) \
	  --scratch-path .build-rpm -Xlinker -L$(CURDIR)/build/static
	scripts/rpm .build-rpm/release/oldmem $(BIN)/oldmemd

# The package in a real Debian 12, made by debootstrap: installed, enabled, its
# settings changed, kernels come and gone, upgraded, disabled, purged.
test-deb: deb
	packaging/debian/test

lint:
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)

format:
	$(SWIFT) format --in-place --parallel --recursive $(SOURCES)

# Lint, unit tests, and the scenarios that a change must not break.
test: lint build unit-tests transcript soak-quick lab-quick

# Foreign tools judge what we say of these, so they come first.
vmcores: build
	for kernel in 6.12 6.1; do \
	  ls $(VMCORES)/$$kernel.*-workload-2G.vmcore > /dev/null 2>&1 || \
	    $(LAB) run workload-vmcores --trial plain --kernel $$kernel || exit 1; \
	done

# README's commands, as they are printed.
transcript: vmcores
	scripts/transcript

# docs/screenshots, by Chromium without a window.
screenshots: workload-vmcore
	scripts/screenshots $(VMCORE) $(BIN)/oldmem

unit-tests: vmcores
	$(SWIFT) test $(STRICT)

lab-quick: build
	$(LAB) run small-crashkernel
	$(LAB) run fails-open --trial at-find
	$(LAB) run kept-pages --trial control --trial snapshot --trial dm

# What oldmem is for, on a fresh machine, with nothing to prepare.
demo: setup build
	$(LAB) demo

# What a real Debian does with the package, in whole cycles, and what is held or
# saved when there is no dump: an hour without KVM.
lab: build
	$(LAB) run kdump-tools --trial oldmem
	$(LAB) run debian-package
	$(LAB) run debian-storage --trial oldmem
	$(LAB) run hold

# Everything that the lab can show; many hours without KVM.
lab-all: build
	for name in $$($(LAB) list --names); do \
	  $(LAB) run $$name || exit 1; done

# The figures that docs/benchmarks.md has, and one table of all that was
# measured against somebody else.
bench: vmcores
	rm -rf .build/bench/figures
	bench/search
	bench/scan
	bench/store
	bench/nbd
	bench/dump
	$(LAB) run memory-cost
	.build/release/oldmem-bench report --plots docs/benchmarks

# A machine with every kind of page in use, and O_DIRECT and writeback in
# flight, at the moment that it crashed.
workload-vmcore: host
	test -n "$$(ls $(VMCORES)/6.12*-cloud-amd64-workload-2G.vmcore \
	  2>/dev/null)" || $(LAB) run workload-vmcores --trial plain

# drgn, with a kernel's debug symbols (a download of 300 MB and more), judges
# frames of a vmcore: `make judge-drgn VMCORE=FILE JUDGED="--size 0"`.
VMCORE = $(shell ls $(VMCORES)/6.12*-cloud-amd64-workload-2G.vmcore | tail -n 1)
judge-drgn: setup workload-vmcore
	.build/lab/judges/venv/bin/python lab/judges/drgn-classes $(JUDGED) \
	  $(VMCORE)

# drgn reads dumps of that vmcore that a budget or SIGKILL has cut short.
judge-cuts: setup workload-vmcore
	.build/lab/judges/venv/bin/python lab/judges/drgn-cuts $(JUDGED) $(VMCORE)

# promtool and Ansible judge what packaging/fleet has (a download of 30 MB).
judge-fleet: host
	packaging/fleet/test $(BIN)/oldmem

# build/site: docs, and what the modules say of themselves, for a web server.
docs:
	scripts/site

# build/oldmem-VERSION.tar.gz of what is committed, with what it depends on, and
# its bill of materials; `make dist-check` builds it without a network, and
# oldmemd in two folders, whose bytes must be the same.
dist:
	scripts/dist

dist-check reproducible:
	scripts/dist --check

# What bash, zsh and fish complete, in build/completions; packages have it.
completions: host
	scripts/completions build/completions $(BIN)/oldmem $(BIN)/oldmem-lab

# Damaged vmcores for as long as one likes, `make fuzz SECONDS=60`, or as many
# as one likes, `make fuzz CASES=1000000 SEED=1`; and clients of NBD that do as
# they should not, `make fuzz-nbd CASES=1000000 SEED=1`.
SECONDS := 600
CASES :=
SEED :=
fuzz:
	$(SWIFT) build -c release --product oldmem-fuzz
	.build/release/oldmem-fuzz $(if $(SEED),--seed $(SEED)) \
	  $(if $(CASES),--cases $(CASES),--seconds $(SECONDS))

fuzz-nbd: daemon
	$(SWIFT) build -c release --product oldmem-fuzz
	.build/release/oldmem-fuzz nbd $(if $(SEED),--seed $(SEED)) \
	  --cases $(or $(CASES),100000)

# The store against a plain array under random operations, faults and deaths,
# ten million of them or `make soak OPERATIONS=N SEED=N`; then real processes
# killed at random and at every moment; then the table of docs/safety.md.
SOAK := .build/release/oldmem-soak
OPERATIONS := 10000000
DEATHS := 2000
soak: soak-build
	$(SOAK) $(if $(SEED),--seed $(SEED)) --operations $(OPERATIONS)
	$(SOAK) kill $(if $(SEED),--seed $(SEED)) --deaths $(DEATHS)
	$(SOAK) step
	$(SOAK) campaign --seed 1

# The same in some seconds, always with the same seed.
soak-quick: soak-build
	$(SOAK) --seed 1 --operations 500000
	$(SOAK) kill --seed 1 --deaths 100
	$(SOAK) step

soak-build:
	$(SWIFT) build -c release --product oldmem-soak

# The unit tests under each sanitizer: `make sanitize SANITIZERS=address`.
SANITIZERS := address thread undefined
sanitize: vmcores
	for kind in $(SANITIZERS); do scripts/sanitize $$kind || exit 1; done

# Lines of the pipeline that the unit tests run.
coverage: vmcores
	scripts/coverage

# A small capture kernel with a /proc/vmcore that can be written, and the same
# without our patches, of Debian's source; minutes, and not part of `make test`.
kernel:
	scripts/kernel kernel

capture-kernel:
	scripts/kernel plain-kernel

clean:
	rm -rf .build .build-* build
