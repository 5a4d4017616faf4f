#include "cli/output/changes.h"

#include <algorithm>

#include "base/strings.h"

namespace lotse::cli {

namespace {

using nlohmann::json;
using release::Fate;

constexpr size_t longest_value = 120;

std::string shown(const json& value) {
  if (value.is_null()) return "(none)";
  auto text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() <= longest_value) return text;
  size_t end = longest_value;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // whole letters
  return text.substr(0, end) + base::cat("... (", text.size(), " bytes)");
}

char mark_of(Fate fate) {
  return fate == Fate::made ? '+' : fate == Fate::removed ? '-' : '~';
}

std::string totals(const std::vector<release::ObjectChange>& changes) {
  std::vector<std::string> parts;
  for (const auto fate : {Fate::made, Fate::changed, Fate::removed, Fate::unchanged}) {
    const auto count = std::count_if(changes.begin(), changes.end(),
                                     [&](const auto& each) { return each.fate == fate; });
    if (count > 0) parts.push_back(base::cat(count, " ", release::to_string(fate)));
  }
  return base::join(parts, ", ");
}

}  // namespace

std::string in_words(const std::vector<release::ObjectChange>& changes) {
  std::string text;
  for (const auto& change : changes) {
    if (change.fate == Fate::unchanged) continue;
    text += base::cat("  ", mark_of(change.fate), " ", change.object, "\n");
    for (const auto& field : change.fields)
      text += base::cat("      ", field.path, ": ", shown(field.before), " -> ", shown(field.after),
                        "\n");
  }
  return text + totals(changes) + "\n";
}

json to_json(const std::vector<release::ObjectChange>& changes) {
  json all = json::array();
  for (const auto& change : changes) {
    json fields = json::array();
    for (const auto& field : change.fields)
      fields.push_back({{"path", field.path}, {"before", field.before}, {"after", field.after}});
    all.push_back({{"object", change.object},
                   {"action", release::to_string(change.fate)},
                   {"fields", fields}});
  }
  return all;
}

std::string obstacle_line(const action::Obstacle& obstacle) {
  return base::cat(obstacle.impossible ? "impossible: " : "warning: ", obstacle.code.kind().code,
                   ": ", obstacle.text);
}

std::string in_words(const action::Plan& plan, const std::string& name) {
  if (plan.attached) return name + " runs already as it would be: nothing would change\n";
  std::string text;
  if (plan.changes_something())
    text = base::cat(name, " would become revision ", plan.number, ":\n");
  for (const auto& old : plan.replaced) text += "  - " + old + ", which still runs\n";
  if (plan.changes_something())
    text += in_words(plan.changes);
  else if (!plan.impossible())
    text += name + ": nothing would change\n";
  for (const auto& obstacle : plan.obstacles) text += obstacle_line(obstacle) + "\n";
  for (const auto& note : plan.notes) text += "note: " + note + "\n";
  return text;
}

json to_json(const action::Plan& plan, const std::string& name) {
  json obstacles = json::array();
  for (const auto& each : plan.obstacles)
    obstacles.push_back(
        {{"code", each.code.kind().code}, {"text", each.text}, {"impossible", each.impossible}});
  return {{"name", name},
          {"number", plan.number},
          {"changes", to_json(plan.changes)},
          {"replaced", plan.replaced},
          {"obstacles", obstacles},
          {"impossible", plan.impossible()},
          {"notes", plan.notes}};
}

json to_json(const action::Submitted& submitted, const action::Prepared& prepared) {
  return {{"name", prepared.name},
          {"number", submitted.number},
          {"content", prepared.revision.content},
          {"cause", prepared.revision.cause},
          {"unchanged", submitted.unchanged || submitted.attached},
          {"replaced", submitted.replaced}};
}

}  // namespace lotse::cli
