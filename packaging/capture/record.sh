# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# record STARTED STATUS TARGET: prints what happened in this capture system as one
# JSON document (docs/record-json.md): for a dump that was begun in the second
# STARTED, ended with STATUS, and went to TARGET.
#
# A function for the scripts that run after a dump, in whatever an initramfs has:
# sh, sed, grep, date, dmesg. Each part may be missing, and costs seconds at most.

# Lines as the strings of a list: ASCII, for who knows what is in a log.
strings() {
  LC_ALL=C sed 's/[^ -~]/?/g; s/[\\"]/\\&/g; s/.*/    "&"/; $!s/$/,/'
}

# One line as a string.
string() { printf '%s\n' "$*" | strings | sed 's/^ *//'; }

# The witness is asked by its own program, which may be gone from this root.
ask() {
  for place in /oldmem/oldmemd \
    "$(grep -lsx oldmemd-status /proc/[0-9]*/comm | sed -n '1s/comm$/exe/p')"; do
    [ -x "$place" ] || continue
    # It waits for five seconds at most.
    "$place" status "$1" 2> /dev/null
    return
  done
  return 1
}

record() {
  now=$(date +%s)
  runs=0 lent=0
  if [ -s /dev/.oldmem-frames ]; then
    while read -r _ count _; do
      runs=$((runs + 1)) lent=$((lent + count))
    done < /dev/.oldmem-frames
  fi
  status=$(ask --json) || status=null
  events=$(ask --events) || events=
  cat << END
{
  "record": 1,
  "saved": $now,
  "dump": {"started": $1, "seconds": $((now - $1)), "status": $2, "target": $(string "$3")},
  "kernel": $(string "$(uname -r)"),
  "commandLine": $(string "$(cat /proc/cmdline)"),
  "lent": {"runs": $runs, "frames": $lent},
  "settings": [
$(sed -n 's/^[[:space:]]*//; /^[a-z]/p' /etc/oldmem.conf 2> /dev/null | strings)
  ],
  "memory": {
$(sed -n 's/^\(Mem[TFA]\|Swap[TF]\)\([a-z]*\): *\([0-9]*\) kB$/    "\1\2": \3/p' \
    /proc/meminfo | sed '$!s/$/,/')
  },
  "status": ${status:-null},
  "events": [
$(printf '%s\n' "$events" | sed -n '/^{.*}$/p' | sed '$!s/$/,/')
  ],
  "samples": [
$(sed -n '/^\[[0-9.,]*\]$/p' /dev/.oldmem-record 2> /dev/null | sed '$!s/$/,/')
  ],
  "log": [
$(dmesg | grep -e 'oldmem: ' -e 'Out of memory: ' -e 'oom-kill:' -e 'I/O error' \
    -e 'page allocation failure' | strings)
  ]
}
END
}
