#!/bin/sh
# Bring the Temporal server's two databases to the schema of this version; a repeat changes nothing.
set -eu
SQL_PASSWORD=$(cat /run/secrets/temporal_password)
export SQL_PASSWORD
schemas=/etc/temporal/schema/postgresql/v12

sql() {
    temporal-sql-tool --plugin postgres12 --ep postgres -p 5432 -u temporal --db "$@"
}

sql temporal setup-schema -v 0.0
sql temporal update-schema -d "$schemas/temporal/versioned"
sql temporal_visibility setup-schema -v 0.0
sql temporal_visibility update-schema -d "$schemas/visibility/versioned"
