#include "runner/run_mark.h"

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>

#include "contract/environment.h"

namespace lotse::runner {

using nlohmann::json;

std::string this_run() {
  const char* given = std::getenv(contract::environment::run_id);
  if (given != nullptr && *given != '\0') return given;
  std::random_device random;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string name(32, '0');
  for (char& c : name) c = digits[random() % digits.size()];
  return name;
}

std::optional<RunMark> parse_run_mark(const std::string& text) {
  if (text.empty()) return {};
  const auto document = json::parse(text, nullptr, false);
  const auto field = [&](const char* name) {
    const bool there =
        document.is_object() && document.contains(name) && document[name].is_string();
    return there ? document[name].get<std::string>() : "";
  };
  return RunMark{field("mode"), field("run"), field("started")};
}

std::string to_text(const RunMark& mark) {
  return json{{"mode", mark.mode}, {"run", mark.run}, {"started", mark.started}}.dump() + "\n";
}

}  // namespace lotse::runner
