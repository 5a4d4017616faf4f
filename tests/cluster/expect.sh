# Sourced by the cases.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/../support/fits.sh"

kubectl() { "$KUBECTL" "$@"; }

# same ACTUAL EXPECTED WHAT
same() { [ "$1" = "$2" ] || { echo "$3: expected '$2', got '$1'" >&2; exit 1; }; }
