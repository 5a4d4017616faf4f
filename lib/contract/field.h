#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

/// Options as structs that describe themselves: `Options::fields(options, visit)` calls
/// visit(Field, member) once for each.
namespace lotse::contract {

/// How an option appears outside.
struct Field {
  enum Place { flag, positional };
  enum File { no_file, in, out };
  const char* name;  ///< JSON key; the flag is "--" + name with '_' as '-'
  const char* help;
  Place place = flag;
  bool required = false;
  std::vector<std::string> choices = {};  ///< allowed values, if not empty
  std::optional<double> minimum = {};
  std::optional<double> maximum = {};  ///< of whole numbers: `largest` where nothing is said
  std::optional<double> multiple_of = {};
  const char* group = "";       ///< heading in the help; "" for the first
  const char* lotse_flag = "";  ///< the flag of `lotse`, where its name means another thing there
  File file = no_file;          ///< the text names a file or folder that the mode reads, or writes
  const char* tasks = "";       ///< of the models that have it, ' ' between: "detect"; "" for all
};

/// Whether models for this task have the option; "": all do.
bool is_for(const Field& field, const std::string& task);

/// A visitor for options that only models for these tasks have, below a heading of their own where
/// an option does not say otherwise itself.
template <class Visit>
auto of_tasks(const char* tasks, const char* heading, Visit& visit) {
  return [tasks, heading, &visit](Field field, auto& member) {
    if (*field.tasks == '\0') field.tasks = tasks;
    if (*field.group == '\0') field.group = heading;
    visit(field, member);
  };
}

/// No count needs more, and what is worked out of two of them still fits into 64 bits.
inline constexpr int64_t largest = 2147483647;

enum class Type { text, integer, number, boolean, text_list, integer_list };

/// An option as data: for what does not know the struct that it stands in.
struct Option {
  Field field;
  Type type;
  nlohmann::json standard;  ///< the default; means nothing where the field is required
};

/// As a user of the runner writes it: "--nominal-batch", or "MODEL" for a positional.
std::string title(const Field& field);

namespace detail {
inline Type type_of(const std::string& /*unused*/) {
  return Type::text;
}
inline Type type_of(int64_t /*unused*/) {
  return Type::integer;
}
inline Type type_of(double /*unused*/) {
  return Type::number;
}
inline Type type_of(bool /*unused*/) {
  return Type::boolean;
}
inline Type type_of(const std::vector<std::string>& /*unused*/) {
  return Type::text_list;
}
inline Type type_of(const std::vector<int64_t>& /*unused*/) {
  return Type::integer_list;
}
std::string field_problem(const Field& field, const nlohmann::json& value);
base::Diagnostics others_options(const std::vector<Option>& all, const nlohmann::json& values,
                                 const std::string& task);
base::Diagnostics unknown_keys(const nlohmann::json& given, const std::vector<std::string>& known,
                               const std::string& where);
template <class T>
bool read(const nlohmann::json& value, T& into) {
  if constexpr (std::is_same_v<T, bool>) {
    if (!value.is_boolean()) return false;
  } else if constexpr (std::is_same_v<T, int64_t>) {
    // nlohmann keeps what is above 2^63 as unsigned, and would wrap it.
    if (!value.is_number_integer() ||
        (value.is_number_unsigned() && value.get<uint64_t>() > INT64_MAX))
      return false;
  } else if constexpr (std::is_same_v<T, double>) {
    if (!value.is_number()) return false;
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!value.is_string()) return false;
  } else {
    if (!value.is_array()) return false;
    T list;
    for (const auto& item : value) {
      typename T::value_type one{};
      if (!read(item, one)) return false;
      list.push_back(one);
    }
    into = list;
    return true;
  }
  if constexpr (!std::is_same_v<T, std::vector<std::string>> &&
                !std::is_same_v<T, std::vector<int64_t>>)
    into = value.get<T>();
  return true;
}
}  // namespace detail

/// The options of one mode out of JSON: absent keys keep their defaults; unknown keys, wrong types,
/// values out of range and missing required ones are one Error(invalid) naming `where` and each
/// key, or each flag where `where` is empty.
template <class Options>
Options options_from_json(const nlohmann::json& given, const std::string& where) {
  Options options;
  base::Diagnostics problems;
  std::vector<std::string> known;
  Options::fields(options, [&](const Field& field, auto& member) {
    known.emplace_back(field.name);
    const auto at = where.empty() ? title(field) : where + ": " + field.name;
    if (!given.contains(field.name)) {
      if (field.required) problems.push_back({at, "is required", ""});
      return;
    }
    const auto& value = given.at(field.name);
    if (!detail::read(value, member)) {
      problems.push_back({at, "has the wrong type: " + value.dump(), ""});
    } else if (const auto problem = detail::field_problem(field, value); !problem.empty()) {
      problems.push_back({at, problem, ""});
    }
  });
  for (auto& unknown : detail::unknown_keys(given, known, where)) problems.push_back(unknown);
  base::throw_if_any(std::move(problems));
  return options;
}

/// All options of one mode as JSON, defaults included.
template <class Options>
nlohmann::json options_to_json(const Options& options) {
  nlohmann::json result = nlohmann::json::object();
  Options::fields(options,
                  [&](const Field& field, const auto& member) { result[field.name] = member; });
  return result;
}

/// The options of one mode as data, in the order of their help.
template <class Options>
std::vector<Option> option_list() {
  std::vector<Option> result;
  const Options defaults;
  Options::fields(defaults, [&](const Field& field, const auto& member) {
    result.push_back({field, detail::type_of(member), member});
  });
  return result;
}

/// Throws Error(invalid) naming every option that is not as it is by default though models for
/// `task` do not have it.
template <class Options>
void check_task(const Options& options, const std::string& task) {
  base::throw_if_any(
      detail::others_options(option_list<Options>(), options_to_json(options), task));
}

}  // namespace lotse::contract
