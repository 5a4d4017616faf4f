#include "action/debug_bundle.h"

#include <map>

#include "action/events.h"
#include "action/history.h"
#include "action/status.h"
#include "action/why.h"
#include "base/error.h"
#include "base/strings.h"
#include "document/write.h"
#include "object/member.h"
#include "object/reference.h"

namespace lotse::action {

namespace {

constexpr int64_t lines_each = 1000;

bool is_called_secret(const std::string& variable) {
  const auto name = base::lower(variable);
  for (const char* word : {"token", "secret", "password", "key"})
    if (name.find(word) != std::string::npos) return true;
  return false;
}

/// Everywhere in an object.
void hide_variables(json& value) {
  if (value.is_object() && value.contains("value") && value["value"].is_string() &&
      is_called_secret(object::text_at(value, {"name"})))
    value["value"] = hidden;
  for (auto& each : value)
    if (each.is_structured()) hide_variables(each);
}

json without_secrets(json object) {
  object = without_secret_data(std::move(object));
  hide_variables(object);
  if (object.contains("metadata")) object["metadata"].erase("managedFields");
  return object;
}

std::string shown(const json& document) {
  return document.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

json values_of(const History& history) {
  json all = json::array();
  for (const auto& revision : history.revisions)
    all.push_back({{"number", revision.number},
                   {"content", revision.content},
                   {"cause", revision.cause},
                   {"time", revision.time},
                   {"template", revision.template_name + " " + revision.template_version},
                   {"values", revision.values}});
  return {{"current", history.current}, {"unfinished", history.unfinished}, {"revisions", all}};
}

/// By pod and container. What cannot be read is said in the file's place.
std::map<std::string, std::string> logs_of(Target& target, const std::string& name, bool previous) {
  std::map<std::string, std::string> logs;
  LogOptions options;
  options.tail = lines_each;
  options.previous = previous;
  try {
    target.follow_logs(
        name, options,
        [&](const LogLine& line) {
          auto& text = logs[line.pod + (line.container.empty() ? "" : "-" + line.container)];
          text += (line.time.empty() ? "" : line.time + " ") + line.text + "\n";
        },
        [] { return true; });
  } catch (const base::Error& error) {
    if (error.kind() == base::ErrorKind::interrupted) throw;
    logs["could-not-be-read"] = std::string(error.what()) + "\n";
  }
  return logs;
}

/// Of all that the workload has and had, in trouble or not. Who may not read them is told so in
/// their place.
std::string events_of(Target& target, const std::string& name) {
  std::string text;
  try {
    for (const auto& event : whole_events(target, name))
      text += "---\n" + document::write_yaml(without_secrets(event));
  } catch (const base::Error& error) {
    if (error.kind() != base::ErrorKind::denied) throw;
    text = base::cat("# could not be read: ", error.what(), "\n");
  }
  return text;
}

}  // namespace

std::string without_credentials(std::string text) {
  constexpr std::string_view mark = "://";
  for (size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
    at += mark.size();
    const auto end = text.find_first_of("/?# \t\r\n\"'<>", at);
    const auto until = text.substr(at, end == std::string::npos ? end : end - at).rfind('@');
    if (until != std::string::npos) text.replace(at, until, hidden);
  }
  return text;
}

std::vector<BundleFile> debug_bundle(Target& target, const std::string& name) {
  std::vector<BundleFile> files;
  const auto add = [&](const std::string& path, const std::string& text) {
    files.push_back({path, without_credentials(text)});
  };
  const auto explanation = why(target, name);
  json causes = json::array();
  for (const auto& cause : explanation.state.causes)
    causes.push_back(workload::to_json(cause, name));
  add("status.json", shown(workload::to_json(explanation.state)));
  add("why.json", shown({{"causes", causes}, {"notes", explanation.notes}}));
  add("history.json", shown(values_of(look_up(target, name).history)));
  for (const auto& object : snapshot_of(target, name))
    if (object::kind_of(object) != "Event")
      add("objects/" + base::lower(object::kind_of(object)) + "-" + object::name_of(object) +
              ".yaml",
          document::write_yaml(without_secrets(object)));
  if (auto events = events_of(target, name); !events.empty()) add("events.yaml", events);
  for (const bool previous : {false, true})
    for (const auto& [pod, text] : logs_of(target, name, previous))
      add((previous ? "logs-before-restart/" : "logs/") + pod + ".log", text);
  return files;
}

}  // namespace lotse::action
