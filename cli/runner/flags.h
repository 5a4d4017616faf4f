#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>

#include "base/error.h"
#include "base/number.h"
#include "base/strings.h"
#include "cli/tree/command.h"
#include "contract/options.h"

namespace lotse::cli::runner {

/// The default as `--help` shows it; "" for an empty one.
template <class T>
std::string shown_default(const contract::Field& field, const T& standard) {
  const std::string shown = nlohmann::json(standard).dump();
  if (field.required || shown == "\"\"" || shown == "[]") return "";
  return base::replace_all(shown, "\"", "");
}

/// The value of a flag's text. Throws Error(invalid) naming `where`.
template <class T>
nlohmann::json read_value(const std::string& where, const std::string& text) {
  if constexpr (std::is_same_v<T, bool>) {
    return text == "true";
  } else if constexpr (std::is_same_v<T, std::string>) {
    return text;
  } else if constexpr (std::is_same_v<T, double>) {
    if (const auto number = base::to_number(text)) return *number;
    throw base::Error({{where, "'" + text + "' is no number", ""}});
  } else {
    if (const auto number = base::to_integer(text)) return *number;
    throw base::Error({{where, "'" + text + "' is no whole number of 64 bits", ""}});
  }
}

template <class T>
const char* value_name() {
  if constexpr (std::is_same_v<T, bool>) return "";
  if constexpr (std::is_same_v<T, double>) return "X";
  if constexpr (std::is_same_v<T, int64_t>) return "N";
  return "TEXT";
}

template <class T>
void add_option(Command& command, const contract::Field& field, const T& standard,
                nlohmann::json& given) {
  const auto name = base::replace_all(field.name, "_", "-");
  const auto where = contract::title(field);
  const std::string key = field.name;
  const auto set = [&given, key, where](const std::string& text) {
    given[key] = read_value<T>(where, text);
  };
  if (field.place == contract::Field::positional) {
    // Not required here: a configuration file may give it.
    command.positionals.push_back(
        {name, field.help, false, false, field.choices, Complete::nothing, set});
    return;
  }
  Flag flag;
  flag.name = name;
  flag.help = field.help;
  flag.value = value_name<T>();
  flag.standard = shown_default(field, standard);
  flag.choices = field.choices;
  flag.group = field.group;
  flag.negatable = std::is_same_v<T, bool>;
  flag.set = set;
  command.flags.push_back(flag);
}

/// A list: whole numbers may stand in one text with commas between.
template <class Item>
void add_option(Command& command, const contract::Field& field, const std::vector<Item>& standard,
                nlohmann::json& given) {
  add_option<Item>(command, field, Item{}, given);
  const bool positional = field.place == contract::Field::positional;
  auto set = positional ? command.positionals.back().set : command.flags.back().set;
  const std::string key = field.name;
  set = [&given, key, one = set](const std::string& text) {
    constexpr bool numbers = std::is_same_v<Item, int64_t>;
    for (const auto& item : numbers ? base::split(text, ',') : std::vector{text}) {
      auto list = given.value(key, nlohmann::json::array());
      one(item);
      list.push_back(given[key]);
      given[key] = std::move(list);
    }
  };
  if (positional) {
    command.positionals.back().repeats = true;
    command.positionals.back().set = set;
  } else {
    command.flags.back().repeats = true;
    command.flags.back().standard = shown_default(field, standard);
    command.flags.back().set = set;
  }
}

/// One flag for each field of Options. Only flags that were given appear in `given`, so that a
/// configuration file keeps its say in the others. `given` must outlive the parsing.
template <class Options>
void bind_flags(Command& command, nlohmann::json& given) {
  Options defaults;
  Options::fields(defaults, [&](const contract::Field& field, auto& standard) {
    add_option(command, field, standard, given);
  });
}

}  // namespace lotse::cli::runner
