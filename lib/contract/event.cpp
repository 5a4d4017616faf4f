#include "contract/event.h"

namespace lotse::contract {

using nlohmann::json;

std::string encode(const Event& event) {
  nlohmann::ordered_json line = {{"event", event.type}, {"message", event.message}};
  for (const auto& [name, value] : event.fields.items()) line[name] = value;
  return line.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<Event> decode(std::string_view line) {
  if (!line.starts_with('{')) return std::nullopt;
  json parsed = json::parse(line, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("event") || !parsed["event"].is_string())
    return std::nullopt;
  Event event{parsed["event"],
              parsed.value("message", json("")).is_string() ? parsed.value("message", "") : "",
              {}};
  parsed.erase("event");
  parsed.erase("message");
  event.fields = std::move(parsed);
  return event;
}

}  // namespace lotse::contract
