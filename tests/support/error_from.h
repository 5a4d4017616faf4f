#pragma once
#include <catch2/catch.hpp>
#include <functional>

#include "base/error.h"

namespace lotse::test {

/// The error that `work` throws; if it throws none, the test fails.
inline base::Error error_from(const std::function<void()>& work) {
  try {
    work();
  } catch (const base::Error& error) {
    return error;
  }
  FAIL("no error");
  return {base::ErrorKind::failed, ""};
}

}  // namespace lotse::test
