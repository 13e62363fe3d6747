#!/bin/sh
# Runs a program that reads certificates from files, and sends it a signal whenever those in a folder were replaced:
#
#   follow-renewals.sh <signal> <folder>... -- <program> <argument>...
#
# The signal is the one at which it reads everything anew and finishes what it has begun: HUP for nginx and PostgreSQL, USR2 for
# HAProxy with -W.
set -eu

signal=$1
shift
folders=
while [ "$1" != -- ]; do
  folders="$folders $1"
  shift
done
shift

# A pair is written key first, each file whole; so a certificate that changed has its key beside it.
seen() {
  for folder in $folders; do cksum "$folder"/*.crt "$folder"/*.pem 2>/dev/null || true; done
}

parent=$PPID
before=$(seen)
"$@" &
program=$!

# Whoever ends this ends the program, and waits for it. QUIT lets nginx finish what it has begun, INT ends the sessions of PostgreSQL.
for end in TERM INT QUIT; do
  trap "kill -$end \"\$program\"" "$end"
done

while kill -0 "$program" 2>/dev/null; do
  sleep 1 &
  wait $! || true
  # Whoever started this may have been killed, and then nobody else would end the program. A container has no parent.
  [ "$parent" -le 1 ] || kill -0 "$parent" 2>/dev/null || kill -TERM "$program"
  now=$(seen)
  [ "$now" = "$before" ] && continue
  before=$now
  echo "certificates were replaced: $1 reads them anew" >&2
  kill -"$signal" "$program" 2>/dev/null || true
done

wait "$program"
