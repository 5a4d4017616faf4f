# Sourced by tests of the programs.
formats=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../docs/formats" && pwd)

# fits FILE SCHEMA [--lines]: the file, or each line of it, is JSON in the form of docs/formats/SCHEMA.schema.json.
fits() {
  local problems
  problems=$("${LOTSE:+${LOTSE%/*}/}check_schema" ${3-} "$formats/$2.schema.json" "$1") ||
    { echo "FAILED: $1 is not as docs/formats/$2.schema.json says:"; echo "$problems"; cat "$1"; exit 1; } >&2
}
