#!/usr/bin/env bash
# Runs a command with a PostgreSQL of its own:   .ci/with-postgres.sh cargo test
# The server lives in a temporary folder on a free loopback port, is told to the command as
# PORTICO_TEST_POSTGRES, and is stopped and removed at the end, also after a failure or Ctrl-C.
set -euo pipefail

bin=$(dirname "$(command -v initdb || ls -d /usr/lib/postgresql/*/bin/initdb /opt/homebrew/opt/postgresql*/bin/initdb 2>/dev/null | sort -V | tail -1)")
[ -x "$bin/initdb" ] || { echo "PostgreSQL's programs (initdb, pg_ctl) are not installed." >&2; exit 1; }

# PostgreSQL refuses to run as root.
owner=$(id -un)
[ "$owner" != root ] || owner=$(id -un postgres 2>/dev/null || echo nobody)
as_owner() { if [ "$owner" = "$(id -un)" ]; then "$@"; else runuser -u "$owner" -- "$@"; fi; }

home=$(mktemp -d "${TMPDIR:-/tmp}/portico-postgres.XXXXXX")
stop() {
  trap - EXIT INT TERM
  as_owner "$bin/pg_ctl" -D "$home/data" -m immediate -w stop >/dev/null 2>&1 || true
  rm -rf "$home"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '%s' "$password" >"$home/password"
chmod 700 "$home"
[ "$owner" = "$(id -un)" ] || chown -R "$owner" "$home"
cd "$home"
as_owner "$bin/initdb" -D "$home/data" -U portico --pwfile="$home/password" --auth=scram-sha-256 \
  --encoding=UTF8 --locale=C --no-sync >"$home/initdb.log" 2>&1 || { cat "$home/initdb.log" >&2; exit 1; }
# Thrown away afterwards, so it need not survive a power cut.
cat >>"$home/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$home'
max_connections = 300
fsync = off
synchronous_commit = off
full_page_writes = off
CONF

for try in 1 2 3 4 5; do
  port=$((20000 + (RANDOM * 32768 + RANDOM) % 40000))
  if as_owner "$bin/pg_ctl" -D "$home/data" -o "-p $port" -l "$home/server.log" -w start >/dev/null 2>&1; then break; fi
  [ "$try" != 5 ] || { cat "$home/server.log" >&2; exit 1; }
done
cd "$OLDPWD"

export PORTICO_TEST_POSTGRES="postgres://portico:$password@127.0.0.1:$port/postgres"
"$@"
