#include "cli/output/event_line.h"

#include "contract/event.h"

namespace lotse::cli {

std::string event_line(const action::LogLine& line) {
  auto event = contract::decode(line.text).value_or(contract::Event{"output", line.text, {}});
  auto& fields = event.fields;
  if (!fields.is_object()) fields = nlohmann::json::object();
  fields["pod"] = line.pod;
  if (!fields.contains("rank")) fields["rank"] = line.rank ? nlohmann::json(*line.rank) : nullptr;
  fields["time"] = line.time;
  if (line.rank) fields["attempt"] = line.attempt;
  if (!line.container.empty()) fields["container"] = line.container;
  return contract::encode(event);
}

}  // namespace lotse::cli
