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
