// Precompiled for the runner's tests. libtorch has a CHECK of its own, which ends the process:
// Catch2's comes after it.
#pragma once
#include "runner/precompiled.h"
#undef CHECK
#include <catch2/catch.hpp>
