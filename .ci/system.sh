#!/usr/bin/env bash
# What the tests need from the operating system: PostgreSQL's server programs and Chromium.
# As root on Debian it installs what is missing; elsewhere it says what to install.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=()
command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb /opt/homebrew/opt/postgresql*/bin/initdb >/dev/null 2>&1 \
  || packages+=(postgresql)
node -e 'import("./end2end/lib/portico.mjs").then((p) => process.exit(p.chromium ? 0 : 1))' || packages+=(chromium fonts-dejavu-core)
[ ${#packages[@]} -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "==> apt-get install ${packages[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${packages[@]}"
else
  cat >&2 <<EOF
The tests need programs that are not here: ${packages[*]}
  Debian, Ubuntu:  sudo apt-get install ${packages[*]}
  elsewhere:       install PostgreSQL (its initdb must be on the PATH) and Chromium or Chrome,
                   and name the browser's program in PORTICO_CHROMIUM.
EOF
  exit 1
fi
