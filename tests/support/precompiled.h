// What most unit tests include, compiled once.
#pragma once
#include <catch2/catch.hpp>
#include "../../lib/precompiled.h"
