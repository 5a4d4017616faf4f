#include "runner/infer/shares.h"

#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "base/number.h"
#include "base/strings.h"
#include "contract/environment.h"

namespace lotse::runner::infer {

namespace {

namespace environment = contract::environment;

int64_t number(const char* name, int64_t least, int64_t most) {
  const char* text = std::getenv(name);
  if (text == nullptr) throw base::Error({{name, "is not set", ""}});
  const auto value = base::to_integer(text);
  if (value && *value >= least && *value <= most) return *value;
  throw base::Error(
      {{name, base::cat("is '", text, "', not a number from ", least, " to ", most), ""}});
}

}  // namespace

Worker worker_from_environment() {
  constexpr int64_t most = 100000;
  const char* count = std::getenv(environment::workers);
  if (count == nullptr || *count == '\0') return {};
  const auto workers = number(environment::workers, 1, most);
  if (workers == 1) return {};
  return {number(environment::completion_index, 0, workers - 1), workers};
}

Share share_of(const Worker& worker, int64_t pictures, int64_t batch) {
  const int64_t groups = pictures / batch + (pictures % batch == 0 ? 0 : 1);
  const auto begin = [&](int64_t index) {
    return std::min(pictures, groups * index / worker.count * batch);
  };
  return {begin(worker.index), begin(worker.index + 1)};
}

}  // namespace lotse::runner::infer
