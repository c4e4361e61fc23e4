# check NAME COMMAND…: runs the command in a subshell with -e, prints "ok NAME" or "not ok NAME" with the end of what it said.
# The runner counts those lines.
set -u
. "$COMPAT_HERE/lib/server.sh"

check() {
  local name=$1 out=$COMPAT_SCRATCH/check.out
  shift
  if (set -e; "$@") >"$out" 2>&1; then
    echo "ok $name"
  else
    echo "not ok $name"
    tail -n 12 "$out" | sed 's/^/    /'
  fi
}

# need COMMAND HOW: ends the suite with a skip line when a client is not installed.
need() {
  command -v "$1" >/dev/null 2>&1 && return 0
  echo "skip $1 is not installed: $2"
  exit 0
}

same() { [ "$1" = "$2" ] || { echo "expected: $2"; echo "but got:  $1"; return 1; }; }

# Fails, loudly, unless the command fails and says so.
refuses() {
  local word=$1 said
  shift
  if said=$("$@" 2>&1); then
    echo "was expected to fail with $word: $*"
    return 1
  fi
  grep -q "$word" <<<"$said" || { echo "failed, but not with $word: $said"; return 1; }
}

# make_file PATH BYTES: pseudo-random content that differs by path and is the same in every run.
make_file() {
  mkdir -p "$(dirname "$1")"
  head -c "$2" < <(openssl enc -aes-128-ctr -nosalt -pass "pass:$(basename "$1")" -pbkdf2 -iter 1 </dev/zero 2>/dev/null) >"$1"
}

unique_bucket() { echo "compat-$1-$$-$RANDOM"; }

SDK_FOLDER=$(dirname "$(dotnet --list-sdks | tail -n 1 | sed 's/.*\[\(.*\)\]/\1/')")/sdk
