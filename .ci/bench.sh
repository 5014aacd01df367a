#!/usr/bin/env bash
# The benchmark, on SQLite and, where PostgreSQL's programs are installed, on a server of its own.
# Words choose sections:   .ci/bench.sh search booking
set -euo pipefail
cd "$(dirname "$0")/.."

cargo bench --no-run -p server --bench bench
bench=(cargo bench -p server --bench bench -- "$@")
if command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb /opt/homebrew/opt/postgresql*/bin/initdb >/dev/null 2>&1; then
  exec .ci/with-postgres.sh "${bench[@]}"
fi
exec "${bench[@]}"
