#!/bin/sh
# Start the Temporal server, which reads its password from the environment and from no file.
set -eu
POSTGRES_PWD=$(cat /run/secrets/temporal_password)
export POSTGRES_PWD
exec /etc/temporal/entrypoint.sh
