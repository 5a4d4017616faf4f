#include "contract/needs.h"

#include <algorithm>
#include <iterator>

#include "base/error.h"
#include "base/strings.h"
#include "contract/options.h"

namespace lotse::contract {

using nlohmann::json;

namespace {

struct Need {
  const char* mode;
  const char* option;
  const char* other;
  const char* value;  ///< that the other must have; "": any
};

constexpr Need needs[] = {
    {"val", "metric", "not_below", ""},
    {"val", "by", "not_below", ""},
    {"train", "cache_folder", "cache", "disk"},
};

}  // namespace

std::string without_need(const std::string& mode, const std::string& option, const json& values) {
  const auto* const need = std::find_if(std::begin(needs), std::end(needs), [&](const Need& one) {
    return one.mode == mode && one.option == option;
  });
  if (need == std::end(needs)) return "";
  const std::string wanted = need->value, is = values.value(need->other, "");
  if (wanted.empty() ? !is.empty() : is == wanted) return "";
  return base::cat("has no effect without --", base::replace_all(need->other, "_", "-"),
                   wanted.empty() ? "" : " ", wanted);
}

void check_needs(const std::string& mode, const json& values) {
  base::Diagnostics problems;
  for (const auto& [field, type, standard] : options_of(mode)) {
    if (values.value(field.name, standard) == standard) continue;
    if (auto problem = without_need(mode, field.name, values); !problem.empty())
      problems.push_back({title(field), std::move(problem), ""});
  }
  base::throw_if_any(std::move(problems));
}

}  // namespace lotse::contract
