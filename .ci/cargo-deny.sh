#!/usr/bin/env bash
# Puts cargo-deny where the tests look for it: target/tools/bin. Compiled once, from the package registry; where that cannot
# be done it says so and fails, and what may be linked into Portico is not checked.
set -euo pipefail
cd "$(dirname "$0")/.."
version=0.20.2
tools="${CARGO_TARGET_DIR:-$PWD/target}/tools"

have=$("$tools/bin/cargo-deny" --version 2>/dev/null | cut -d' ' -f2 || true)
[ "$have" != "$version" ] || exit 0
echo "==> cargo-deny $version (some minutes, once)"
# Unoptimised: it is used for a few seconds.
install=(cargo install cargo-deny --version "=$version" --debug --root "$tools" --target-dir "$tools/build" --force)
# Its lock file may name crate versions that a mirror does not have yet.
"${install[@]}" --locked || "${install[@]}" || {
  rm -rf "$tools/build"
  echo "SKIPPED: cargo-deny $version can neither be fetched nor compiled here, so nothing was checked." >&2
  exit 1
}
rm -rf "$tools/build"
