#!/bin/sh
# Does what prepare.sh does once an hour, as long as the platform runs: a certificate of those who have no process to enrol with
# lives for seven days, and is renewed before it ends.
set -eu

trap 'exit 0' TERM INT
while :; do
  sleep 3600 &
  wait $!
  # A disk that is full for an hour must not end this.
  sh infra/compose/prepare.sh || echo 'nothing could be renewed; the next look is in an hour' >&2
done
