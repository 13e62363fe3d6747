#!/bin/sh
# Runs a proxy, and sends it a signal whenever its certificates, or those of whom it trusts, were replaced:
#
#   follow-renewals.sh <signal> <the proxy and its arguments>
#
# The signal is the one at which it reads everything anew and finishes what it has begun: HUP for nginx, USR2 for HAProxy
# with -W. Started in the folder in which pki/ lies.
set -eu

signal=$1
shift

# A pair is written key first, each file whole; so a certificate that changed has its key beside it.
seen() {
  cksum pki/edge-proxy/*.crt pki/trust/*.pem 2>/dev/null || true
}

parent=$PPID
before=$(seen)
"$@" &
proxy=$!

# Whoever ends this ends the proxy, and waits for it. QUIT lets nginx finish what it has begun.
trap 'kill -TERM "$proxy"' TERM INT
trap 'kill -QUIT "$proxy"' QUIT

while kill -0 "$proxy" 2>/dev/null; do
  sleep 1 &
  wait $! || true
  # Whoever started this may have been killed, and then nobody else would end the proxy. A container has no parent.
  [ "$parent" -le 1 ] || kill -0 "$parent" 2>/dev/null || kill -TERM "$proxy"
  now=$(seen)
  [ "$now" = "$before" ] && continue
  before=$now
  echo "certificates were replaced: the proxy reads them anew" >&2
  kill -"$signal" "$proxy" 2>/dev/null || true
done

wait "$proxy"
