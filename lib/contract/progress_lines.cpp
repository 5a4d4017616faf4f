#include "contract/progress_lines.h"

namespace lotse::contract {

namespace {

double number(const nlohmann::json& fields, const char* name) {
  const auto found = fields.find(name);
  return found != fields.end() && found->is_number() ? found->get<double>() : 0;
}

}  // namespace

bool ProgressLines::due(const Event& progress, Time now) const {
  if (progress.message.empty()) return false;
  const double total = number(progress.fields, "total");
  const bool ended = total > 0 && number(progress.fields, "done") >= total;
  return ended || now - last_ >= std::chrono::seconds(8);
}

}  // namespace lotse::contract
