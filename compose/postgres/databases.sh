#!/bin/sh
# Run once, by the PostgreSQL image, when its volume is new: an owner and databases for each.
set -eu
secrets=${SECRETS_DIR:-/run/secrets}

psql -v ON_ERROR_STOP=1 --no-psqlrc --quiet --username "$POSTGRES_USER" --dbname postgres \
    -v temporal_password="$(cat "$secrets/temporal_password")" \
    -v drumbeat_password="$(cat "$secrets/drumbeat_password")" <<'SQL'
CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';
CREATE ROLE drumbeat LOGIN PASSWORD :'drumbeat_password';
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
CREATE DATABASE drumbeat OWNER drumbeat;
REVOKE CONNECT ON DATABASE temporal, temporal_visibility, drumbeat FROM PUBLIC;
SQL
