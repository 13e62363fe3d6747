#!/bin/sh
# Runs to its end before anything else starts: makes what is missing of the authorities, the passwords and the certificates of
# those who have no process to enrol with, renews what ends soon, and hands each holder its own. A second run changes nothing.
set -eu

home=/holdfast/.holdfast
pki=$home/pki
application=10001
postgres=999 # the user of the postgres image
nginx=101 # the user of the nginx image

chmod 0700 "$home/offline" "$pki/authority"

node tools/pki/main.ts ensure --home "$home" --only certificate-authority,authorization-server,bank,fintech,lab \
  --uid "$application" --gid "$application"
node tools/pki/main.ts ensure --home "$home" --only database --uid "$postgres" --gid "$postgres"
# Made in any case, so that the same volume serves with and without compose.proxied.yaml.
node tools/pki/main.ts ensure --home "$home" --only edge-proxy --uid "$nginx" --gid "$nginx"
node tools/pki/main.ts ensure --home "$home" --only developer,test-clients
node tools/pki/main.ts ensure-patients --home "$home" --uid "$application" --gid "$application"
node tools/pki/main.ts ensure-test-clients --home "$home" --uid "$application" --gid "$application"

# What signs certificates belongs to the certificate authority, and so does the folder in which it says whom to trust. The roots stay
# ours.
chown -R "$application:$application" "$pki/authority" "$pki/trust"

# Closed to others before there is anything to read.
umask 077

# password <file>: a random one, unless it was made before. Written whole or not at all.
password() {
  [ -s "$1" ] && return
  head -c 33 /dev/urandom | base64 > "$1.draft"
  mv "$1.draft" "$1"
  echo "made ${1#"$pki/"}"
}

password "$pki/database/superuser.password"
for holder in certificate-authority authorization-server bank fintech; do
  password "$pki/$holder/database.password"
  # The database learns it on its first start; the application proves with it who it is.
  install -m 0600 "$pki/$holder/database.password" "$pki/database/$holder.password"
  chown "$application:$application" "$pki/$holder/database.password"
done
chown "$postgres:$postgres" "$pki/database/"*.password

# Each process appends to its own trail and can open no other; the lab reads them all.
for process in certificate-authority authorization-server bank fintech lab; do
  trail=$home/audit/$process.jsonl
  [ -e "$trail" ] || : > "$trail"
  chown "$application:$application" "$trail"
done
