#include "contract/field.h"

#include <algorithm>
#include <cmath>

#include "base/strings.h"
#include "contract/task.h"

namespace lotse::contract {

using nlohmann::json;

std::string title(const Field& field) {
  const auto name = base::replace_all(field.name, "_", "-");
  return field.place == Field::positional ? base::upper(name) : "--" + name;
}

bool is_for(const Field& field, const std::string& task) {
  const auto having = base::split(field.tasks, ' ');
  return task.empty() || *field.tasks == '\0' ||
         std::find(having.begin(), having.end(), task) != having.end();
}

namespace detail {

namespace {
std::string range_problem(const Field& field, double number) {
  if (!std::isfinite(number)) return "must be a finite number";
  if (field.minimum && number < *field.minimum)
    return base::cat("must be at least ", *field.minimum, ", is ", number);
  if (field.maximum && number > *field.maximum)
    return base::cat("must be at most ", *field.maximum, ", is ", number);
  if (field.multiple_of && std::fmod(number, *field.multiple_of) != 0)
    return base::cat("must be a multiple of ", *field.multiple_of, ", is ", number);
  return "";
}
}  // namespace

std::string field_problem(const Field& field, const json& value) {
  if (field.required && (value == "" || value == json::array())) return "is empty";
  if (value.is_number_integer() && !field.maximum && value.get<int64_t>() > largest)
    return base::cat("must be at most ", largest, ", is ", value.dump());
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

base::Diagnostics others_options(const std::vector<Option>& all, const json& values,
                                 const std::string& task) {
  base::Diagnostics problems;
  for (const auto& option : all) {
    if (is_for(option.field, task) || values.at(option.field.name) == option.standard) continue;
    problems.push_back({title(option.field), others_option(option.field, task), ""});
  }
  return problems;
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
