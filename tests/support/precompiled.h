// What most unit tests include, compiled once.
#pragma once
// For the tests that listen to the run itself.
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include "../../lib/precompiled.h"
#include <catch2/catch.hpp>
