#include "template/hints.h"

#include <algorithm>
#include <regex>

#include "base/strings.h"

namespace lotse::tmpl {

namespace {

using nlohmann::json;

/// The one name that goes on where `word` ends: a flag's --log-level is written values.log_level.
std::string begun(const std::string& word, const std::vector<std::string>& names) {
  std::vector<std::string> found;
  for (const auto& name : names)
    if (word.size() > 2 && name.starts_with(word)) found.push_back(name);
  return found.size() == 1 ? found[0] : "";
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  auto near = base::closest(word, known);
  if (near.empty()) near = begun(word, known);
  return near.empty() ? "" : base::cat("did you mean ", near, "?");
}

/// `values.log-level` asks for `log`, and takes `level` from it.
std::string subtracted(const std::string& word, const std::vector<std::string>& names) {
  const auto whole = std::find_if(names.begin(), names.end(), [&](const std::string& name) {
    return name.starts_with(word + "-");
  });
  return whole == names.end()
             ? ""
             : base::cat("a '-' subtracts: write [\"", *whole, "\"], or give it a name with '_'");
}

/// The value around the mistake has a key such as $evl.
std::string operator_meant(const json& within, const std::string& pointer) {
  const json::json_pointer at(pointer);
  if (!within.contains(at) || !within[at].is_object()) return "";
  for (const auto& [key, unused] : within[at].items())
    if (key.starts_with('$')) return did_you_mean(key, jsone::operator_names());
  return "";
}

}  // namespace

std::string hint_for(const jsone::Error& error, const json& within,
                     std::vector<std::string> names) {
  static const std::regex clauses("has undefined properties: (\\S+)");
  static const std::regex property("object has no property \"([^\"]*)\"");
  static const std::regex variable("unknown context value (.*)");
  std::smatch found;
  if (std::regex_search(error.message, found, clauses))
    return did_you_mean(found[1], {"then", "else", "in", "from", "initial", "each(x)", "by(x)"});
  if (error.message.starts_with("$<identifier>")) return operator_meant(within, error.pointer);
  if (std::regex_search(error.message, found, property)) {
    const auto minus = subtracted(found[1], names);
    return minus.empty() ? did_you_mean(found[1], names) : minus;
  }
  if (!std::regex_search(error.message, found, variable)) return "";
  const auto functions = jsone::function_names();
  names.insert(names.end(), functions.begin(), functions.end());
  return did_you_mean(found[1], names);
}

}  // namespace lotse::tmpl
