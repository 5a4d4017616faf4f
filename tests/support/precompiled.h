// What most unit tests include, compiled once.
#pragma once
#include "../../lib/precompiled.h"
#include <catch2/catch.hpp>
