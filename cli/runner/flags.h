#pragma once
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>

#include "base/strings.h"
#include "contract/options.h"

namespace lotse::cli::runner {

/// "--flag-name", or "name" for a positional.
inline std::string flag_name(const contract::Field& field) {
  if (field.place == contract::Field::positional) return field.name;
  return "--" + base::replace_all(field.name, "_", "-");
}

/// What `--help` says behind the help: "{a,b}" and the default.
template <class T>
std::string describe(const contract::Field& field, const T& standard) {
  std::string text = field.help;
  if (!field.choices.empty()) text += " {" + base::join(field.choices, ",") + "}";
  const std::string shown = nlohmann::json(standard).dump();
  if (!field.required && shown != "\"\"" && shown != "[]")
    text += " [" + base::replace_all(shown, "\"", "") + "]";
  return text;
}

/// One flag for each field of Options. Only flags that were given appear in `given`, so that a
/// configuration file keeps its say in the others. `given` must outlive the parsing.
template <class Options>
void bind_flags(CLI::App& app, nlohmann::json& given) {
  Options defaults;
  Options::fields(defaults, [&](const contract::Field& field, auto& standard) {
    using T = std::decay_t<decltype(standard)>;
    const std::string name = field.name;
    const auto help = describe(field, standard);
    if constexpr (std::is_same_v<T, bool>) {
      const auto flag = flag_name(field);
      app.add_flag_function(
          flag + ",!--no-" + flag.substr(2),
          [&given, name](int64_t count) { given[name] = count > 0; }, help);
    } else {
      auto* option = app.add_option_function<T>(
          flag_name(field), [&given, name](const T& value) { given[name] = value; }, help);
      if constexpr (std::is_same_v<T, std::vector<int64_t>>) option->delimiter(',');
    }
  });
}

}  // namespace lotse::cli::runner
