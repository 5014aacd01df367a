#!/usr/bin/env bash
# What the site build needs besides cargo, npm and a C compiler: the wasm target and the wasm-bindgen
# program, at exactly the version of the library in Cargo.lock. Does nothing when both are there.
set -euo pipefail
cd "$(dirname "$0")/.."
tools="${CARGO_TARGET_DIR:-$PWD/target}/tools"

lacks() { echo "Portico needs $1 to build: $2" >&2; exit 1; }
command -v cargo >/dev/null || lacks "Rust" "install it with rustup."
command -v cc >/dev/null || command -v gcc >/dev/null || command -v clang >/dev/null || lacks "a C compiler" "for example Debian's package build-essential."
command -v node >/dev/null || lacks "Node.js 20 or later" "for example Debian's packages nodejs and npm."
[ "$(node -p 'Number(process.versions.node.split(".")[0])')" -ge 20 ] || lacks "Node.js 20 or later" "this is $(node --version)."

if [ ! -d "$(rustc --print target-libdir --target wasm32-unknown-unknown)" ]; then
  echo "==> Rust's wasm32-unknown-unknown target"
  rustup target add wasm32-unknown-unknown
fi

want=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/[^0-9.]/, ""); print; exit }' Cargo.lock)
have=$("$tools/bin/wasm-bindgen" --version 2>/dev/null | cut -d' ' -f2 || true)
if [ "$have" != "$want" ]; then
  echo "==> wasm-bindgen $want (about three minutes, once)"
  install=(cargo install wasm-bindgen-cli --version "=$want" --bin wasm-bindgen --root "$tools" --target-dir "$tools/build" --force)
  # Its lock file may name crate versions that a mirror does not have yet.
  "${install[@]}" --locked || "${install[@]}"
  rm -rf "$tools/build"
fi
