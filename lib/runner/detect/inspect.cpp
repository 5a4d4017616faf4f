#include "runner/detect/inspect.h"

#include <iomanip>
#include <sstream>

#include "base/strings.h"

namespace lotse::runner::detect {

using nlohmann::json;

namespace {

/// "2,572,280"
std::string grouped(int64_t number) {
  std::string digits = std::to_string(number);
  for (auto at = static_cast<int64_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  return digits;
}

std::string with_commas(const std::vector<int64_t>& list) {
  std::vector<std::string> parts;
  for (const auto number : list) parts.push_back(std::to_string(number));
  return base::join(parts, ",");
}

json layer_document(const LayerInfo& layer) {
  return {{"type", layer.type},
          {"from", layer.from},
          {"channels", layer.channels},
          {"parameters", layer.parameters}};
}

json inspected(const LoadedModel& model) {
  const auto& detector = *model.detector;
  json layers = json::array();
  for (const auto& layer : detector.layers()) layers.push_back(layer_document(layer));
  return {{"model", model.source},         {"architecture", detector.architecture().name},
          {"fresh", model.fresh},          {"parameters", detector.parameter_count()},
          {"tensors", model.tensors},      {"classes", detector.classes()},
          {"names", model.names},          {"end_to_end", detector.end_to_end()},
          {"reg_max", detector.reg_max()}, {"strides", detector.strides()},
          {"layers", std::move(layers)},   {"metadata", model.metadata}};
}

std::string some_names(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 10;
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), shown));
  return base::printable(base::join({names.begin(), end}, ", ")) +
         (names.size() > shown ? ", ..." : "");
}

std::string rows_of(const LoadedModel& model) {
  const auto& detector = *model.detector;
  std::ostringstream out;
  out << "Model         " << base::printable(model.source)
      << (model.fresh ? " (fresh weights)" : "") << "\n"
      << "Architecture  " << detector.architecture().name << "\n"
      << "Heads         "
      << (detector.end_to_end() ? "one to one (o2o), one to many (o2m)" : "one to many (o2m)")
      << "\n"
      << "Classes       " << detector.classes() << ": " << some_names(model.names) << "\n"
      << "Parameters    " << grouped(detector.parameter_count()) << " in " << model.tensors
      << " tensors with buffers\n\n"
      << std::left << std::setw(5) << "ROW" << std::setw(10) << "FROM" << std::setw(10) << "TYPE"
      << std::right << std::setw(9) << "CHANNELS" << std::setw(13) << "PARAMETERS\n";
  int64_t row = 0;
  for (const auto& layer : detector.layers()) {
    const auto from = row == 0 ? "image" : with_commas(layer.from);
    out << std::left << std::setw(5) << row++ << std::setw(10) << from << std::setw(10)
        << layer.type << std::right << std::setw(9)
        << (layer.channels == 0 ? "" : std::to_string(layer.channels)) << std::setw(12)
        << grouped(layer.parameters) << "\n";
  }
  return out.str();
}

}  // namespace

task::Description inspect(const LoadedModel& model) {
  return {rows_of(model), inspected(model)};
}

}  // namespace lotse::runner::detect
