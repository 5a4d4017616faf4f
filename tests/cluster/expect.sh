# Sourced by the cases.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/../support/fits.sh"

kubectl() { "$KUBECTL" "$@"; }

# exits CODE COMMAND...: its output is in the files out and err.
exits() {
  local wanted=$1 code=0
  shift
  "$@" >out 2>err </dev/null || code=$?
  [ "$code" = "$wanted" ] || { echo "$* returned $code, not $wanted:" >&2; cat out err >&2; exit 1; }
}
# says TEXT: the file out holds it.
says() { grep -qF -- "$1" out || { echo "'$1' is not in:" >&2; cat out >&2; exit 1; }; }

# same ACTUAL EXPECTED WHAT
same() { [ "$1" = "$2" ] || { echo "$3: expected '$2', got '$1'" >&2; exit 1; }; }

# until_says TEXT COMMAND...: within a minute its output, in the file out, holds the text.
until_says() {
  local text=$1
  shift
  for _ in $(seq 300); do
    "$@" >out 2>&1 || true
    ! grep -qF -- "$text" out || return 0
    sleep 0.2
  done
  echo "$* does not say '$text':" >&2
  cat out >&2
  exit 1
}
# first_is NAME CODE TEXT: in the end `lotse why` has this cause first, and its text among what people read.
first_is() {
  until_says "1. $2  " "$LOTSE" why "$1"
  grep -qF -- "$3" out || until_says "$3" "$LOTSE" why "$1"
}
