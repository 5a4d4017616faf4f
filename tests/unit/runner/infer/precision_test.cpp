#include "runner/precision.h"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "base/error.h"

using namespace lotse;

namespace {

/// ONEDNN_MAX_CPU_ISA as given, while this lives.
class IsaLimit {
 public:
  explicit IsaLimit(const char* limit) {
    if (const char* before = std::getenv(variable)) before_ = before;
    ::setenv(variable, limit, 1);
  }
  ~IsaLimit() {
    if (before_.empty())
      ::unsetenv(variable);
    else
      ::setenv(variable, before_.c_str(), 1);
  }
  IsaLimit(const IsaLimit&) = delete;
  IsaLimit& operator=(const IsaLimit&) = delete;

 private:
  static constexpr auto variable = "ONEDNN_MAX_CPU_ISA";
  std::string before_;
};

}  // namespace

TEST_CASE("precision auto: fp32 where oneDNN may not multiply bf16, whatever the processor") {
  for (const auto* limit : {"AVX2", "avx2", "AVX512_CORE_VNNI"}) {
    const IsaLimit limited(limit);
    CHECK_FALSE(runner::multiplies_bf16());
    CHECK(runner::choose_precision("auto", torch::kCPU, "fp16") == "fp32");
  }
  const IsaLimit unlimited("ALL");
  CHECK(runner::choose_precision("auto", torch::kCPU, "fp16") ==
        (runner::multiplies_bf16() ? "bf16" : "fp32"));
}

TEST_CASE("precision: what is asked for stays, fp16 is for GPUs") {
  CHECK(runner::choose_precision("fp32", torch::kCPU, "fp16") == "fp32");
  CHECK_THROWS_AS(runner::choose_precision("fp16", torch::kCPU, "fp16"), base::Error);
}
