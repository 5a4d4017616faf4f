#include "base/library.h"

#include <catch2/catch.hpp>

#include "base/error.h"

using lotse::base::Error;
using lotse::base::Library;

TEST_CASE("a library gives its functions, and says what it has not") {
  const Library library("libm.so.6", "libc6");
  double (*const cosine)(double) = library["cos"];
  CHECK(cosine(0) == 1);
  CHECK_THROWS_WITH(library["no_such"], "libm.so.6 has no function no_such");
}

TEST_CASE("a library that is not there is named, with the package that holds it") {
  try {
    const Library library("libnowhere.so.1", "libnowhere1");
    FAIL("loaded");
  } catch (const Error& error) {
    CHECK_THAT(error.what(), Catch::Contains("libnowhere.so.1"));
    CHECK_THAT(error.hint(), Catch::Contains("libnowhere1"));
  }
}
