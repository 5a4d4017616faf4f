#include "contract/field.h"

#include <algorithm>

#include "base/strings.h"

namespace lotse::contract {

using nlohmann::json;

namespace detail {

namespace {
std::string range_problem(const Field& field, double number) {
  if (field.minimum && number < *field.minimum)
    return base::cat("must be at least ", *field.minimum, ", is ", number);
  if (field.maximum && number > *field.maximum)
    return base::cat("must be at most ", *field.maximum, ", is ", number);
  return "";
}
}  // namespace

std::string field_problem(const Field& field, const json& value) {
  if (field.required && (value == "" || value == json::array())) return "is empty";
  if (value.is_number()) return range_problem(field, value.get<double>());
  if (value.is_array()) {
    for (const auto& item : value)
      if (auto problem = field_problem(field, item); !problem.empty()) return problem;
    return "";
  }
  const auto& choices = field.choices;
  if (choices.empty() || !value.is_string()) return "";
  if (std::find(choices.begin(), choices.end(), value.get<std::string>()) != choices.end())
    return "";
  return "must be one of " + base::join(choices, ", ") + ", is " + value.dump();
}

base::Diagnostics unknown_keys(const json& given, const std::vector<std::string>& known,
                               const std::string& where) {
  base::Diagnostics problems;
  for (const auto& [key, value] : given.items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const auto near = base::closest(key, known);
    problems.push_back({where.empty() ? key : where + ": " + key, "is not an option here",
                        near.empty() ? "" : "did you mean " + near + "?"});
  }
  return problems;
}

}  // namespace detail

}  // namespace lotse::contract
