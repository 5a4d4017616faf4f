#include "runner/val/gate.h"

#include <catch2/catch.hpp>
#include <limits>

#include "base/error.h"

using namespace lotse;
using namespace lotse::runner::val;

namespace {

std::vector<Limit> limits_of(const std::vector<std::string>& at_least,
                             const std::string& metric = "map50") {
  contract::ValOptions options;
  options.at_least = at_least;
  options.metric = metric;
  return read_limits(options, {"map50", "recall"});
}

}  // namespace

TEST_CASE("gate: every limit is read, and what is wrong is told before anything is measured") {
  const auto limits = limits_of({"map50=0.9", "recall=8e-1"});
  REQUIRE(limits.size() == 2);
  CHECK(limits[1].metric == "recall");
  CHECK(limits[1].value == 0.8);
  CHECK_THROWS_WITH(limits_of({"map5=0.9"}),
                    Catch::Contains("--at-least: there is no metric 'map5'") &&
                        Catch::Contains("These are measured: map50, recall."));
  CHECK_THROWS_WITH(limits_of({"map50"}), Catch::Contains("'map50' is not METRIC=X"));
  CHECK_THROWS_WITH(limits_of({"map50=high"}), Catch::Contains("'map50=high' is not METRIC=X"));
  CHECK_THROWS_WITH(limits_of({}, "f1"), Catch::Contains("--metric: there is no metric 'f1'"));
}

TEST_CASE("gate: a limit is reached by its own value, and never by what is no number") {
  const Limit limit = {"map50", 0.9, "--at-least map50=0.9"};
  const auto good = standing(limit, {{"map50", 0.9}});
  CHECK(good.reached);
  CHECK(good.text == "map50 is 0.9000, at least 0.9 (--at-least map50=0.9)");
  const auto poor = standing(limit, {{"map50", 0.8999}});
  CHECK_FALSE(poor.reached);
  CHECK(poor.text == "map50 is 0.8999, below 0.9 (--at-least map50=0.9)");
  CHECK_FALSE(standing(limit, {{"map50", std::numeric_limits<double>::quiet_NaN()}}).reached);
  CHECK_FALSE(standing(limit, {{"recall", 1.0}}).reached);
}
