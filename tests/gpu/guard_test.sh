#!/usr/bin/env bash
# What this folder does where there is no GPU, tried with all of them hidden: one loud line and no test; where
# LOTSE_GPU=required, tests that fail.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CUDA_VISIBLE_DEVICES=-1
cat >"$work/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(guard NONE)
enable_testing()
add_subdirectory($here gpu)
END
fail() { echo "FAILED: $*"; exit 1; }

LOTSE_GPU=auto cmake -S "$work" -B "$work/auto" >"$work/said" 2>&1 || fail "cannot configure: $(cat "$work/said")"
[ "$(grep -c 'lotse: SKIPPED: all tests labelled gpu: ' "$work/said")" = 1 ] || fail "not one loud line: $(cat "$work/said")"
ctest --test-dir "$work/auto" -N -L gpu | grep -q 'Total Tests: 0' || fail "tests that nothing can run"

LOTSE_GPU=required cmake -S "$work" -B "$work/required" >"$work/said" 2>&1 || fail "cannot configure: $(cat "$work/said")"
! grep SKIPPED "$work/said" || fail "skipped though required"
mkdir "$work/required/bin"
cat >"$work/required/bin/lotse-runner" <<'END'
#!/bin/sh
echo "cannot use CUDA"
exit 1
END
chmod +x "$work/required/bin/lotse-runner"
! ctest --test-dir "$work/required" -L gpu >"$work/said" 2>&1 || fail "passed without a GPU"
grep -q '0% tests passed, 3 tests failed out of 3' "$work/said" || fail "$(cat "$work/said")"
echo passed
