#include "runner/device.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>

#include "base/error.h"

using namespace lotse;
using namespace lotse::runner;

namespace {

/// set_threads(wanted) where these variables are set, and no others of their kind.
int64_t threads(int64_t wanted, const std::map<std::string, std::string>& variables) {
  const auto before = torch::get_num_threads();
  for (const char* name : {"LOTSE_THREADS", "OMP_NUM_THREADS", "LOTSE_PROCESSES_PER_POD"}) {
    const auto found = variables.find(name);
    if (found == variables.end())
      ::unsetenv(name);
    else
      ::setenv(name, found->second.c_str(), 1);
  }
  const auto result = set_threads(wanted);
  CHECK(torch::get_num_threads() == result);
  torch::set_num_threads(before);
  ::unsetenv("LOTSE_THREADS");
  ::unsetenv("OMP_NUM_THREADS");
  ::unsetenv("LOTSE_PROCESSES_PER_POD");
  return result;
}

}  // namespace

TEST_CASE("threads: the option, then ours, then OpenMP's, then the cores") {
  const auto cores = threads(0, {});
  CHECK(cores >= 1);
  CHECK(threads(0, {{"OMP_NUM_THREADS", "3"}}) == 3);
  CHECK(threads(0, {{"OMP_NUM_THREADS", "3,2"}}) == 3);
  CHECK(threads(0, {{"OMP_NUM_THREADS", ""}}) == cores);
  CHECK(threads(0, {{"OMP_NUM_THREADS", "many"}}) == cores);
  CHECK(threads(0, {{"OMP_NUM_THREADS", "-1"}}) == cores);
  CHECK(threads(0, {{"LOTSE_THREADS", "2"}, {"OMP_NUM_THREADS", "3"}}) == 2);
  CHECK(threads(4, {{"LOTSE_THREADS", "2"}, {"OMP_NUM_THREADS", "3"}}) == 4);
  CHECK(threads(0, {{"LOTSE_THREADS", "7"}, {"LOTSE_PROCESSES_PER_POD", "2"}}) == 3);
  CHECK(threads(0, {{"LOTSE_THREADS", "1"}, {"LOTSE_PROCESSES_PER_POD", "4"}}) == 1);
  CHECK(threads(5, {{"LOTSE_THREADS", "2"}, {"LOTSE_PROCESSES_PER_POD", "2"}}) == 5);
}
