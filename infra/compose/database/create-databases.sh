#!/usr/bin/env bash
# First start of the database: one database for each application, owned by a user of its own, closed to the others.
set -euo pipefail

for holder in certificate-authority authorization-server bank fintech; do
  PASSWORD=$(< "/run/holdfast/$holder.password") psql -v ON_ERROR_STOP=1 -v name="${holder//-/_}" -q \
    -U "$POSTGRES_USER" -d "$POSTGRES_DB" << 'SQL'
\getenv password PASSWORD
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
