#!/usr/bin/env bash
# Puts radicale, a CalDAV server, where the tests look for it: target/tools/radicale. Needs Python 3 with venv, and a
# package index; where either is missing it says so and fails, and the tests that need it are skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
version=3.9.0
tools="${CARGO_TARGET_DIR:-$PWD/target}/tools"
home="$tools/radicale"

if [ "$(cat "$home/version" 2>/dev/null)" = "$version" ] && [ -x "$home/bin/radicale" ]; then exit 0; fi
python=$(command -v python3) || { echo "SKIPPED: radicale needs Python 3, which is not installed." >&2; exit 1; }
rm -rf "$home"
mkdir -p "$tools"
"$python" -m venv "$home" || { rm -rf "$home"; echo "SKIPPED: radicale needs Python's venv." >&2; exit 1; }
"$home/bin/python" -m pip install --quiet --disable-pip-version-check "radicale==$version" ||
  { rm -rf "$home"; echo "SKIPPED: radicale cannot be fetched from the package index." >&2; exit 1; }
echo "$version" >"$home/version"
