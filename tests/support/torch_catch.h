// Precompiled for the runner's tests. libtorch has a CHECK of its own, which ends the process, so
// Catch2's must be included after it.
#pragma once
#include "runner/precompiled.h"
#undef CHECK
#include <catch2/catch.hpp>
