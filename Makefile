# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors

SWIFT := swift
STRICT := --explicit-target-dependency-import-check error
EMBEDDED := -c release --product oldmemd --scratch-path .build-embedded
SOURCES := Package.swift Sources Tests

.PHONY: all build daemon host setup lint format bench fuzz test clean

all: build

# What a fresh Debian machine lacks.
setup:
	scripts/setup

# oldmem, oldmemd and oldmem-lab in build/bin.
build: host daemon

host:
	$(SWIFT) build -c release $(STRICT)

# The daemon for the capture kernel: Embedded Swift on musl, static.
daemon: build/musl/embedded.json
	$(SWIFT) build $(EMBEDDED) --toolset build/musl/embedded.json
	install -D .build-embedded/release/oldmemd build/bin/oldmemd

build/musl/embedded.json: scripts/musl-sysroot
	scripts/musl-sysroot build/musl

lint:
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)

format:
	$(SWIFT) format --in-place --parallel --recursive $(SOURCES)

# The figures that docs/benchmarks.md has.
bench:
	bench/search

# Damaged vmcores for as long as one likes; `make fuzz SECONDS=60`.
SECONDS := 600
fuzz:
	$(SWIFT) build -c release --product oldmem-fuzz
	.build/release/oldmem-fuzz --seconds $(SECONDS)

test: lint daemon
	$(SWIFT) test $(STRICT)

clean:
	rm -rf .build .build-* build
