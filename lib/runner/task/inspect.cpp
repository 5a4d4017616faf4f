#include "runner/task/inspect.h"

#include <iomanip>
#include <sstream>

#include "base/strings.h"

namespace lotse::runner::task {

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

std::string some_names(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 10;
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), shown));
  return base::printable(base::join({names.begin(), end}, ", ")) +
         (names.size() > shown ? ", ..." : "");
}

json document_of(const Inspected& network) {
  json layers = json::array();
  for (const auto& layer : network.layers)
    layers.push_back({{"type", layer.type},
                      {"from", layer.from},
                      {"channels", layer.channels},
                      {"parameters", layer.parameters}});
  return {{"model", network.source},     {"architecture", network.architecture},
          {"fresh", network.fresh},      {"parameters", network.parameters},
          {"tensors", network.tensors},  {"classes", network.names.size()},
          {"names", network.names},      {"layers", std::move(layers)},
          {"metadata", network.metadata}};
}

std::string text_of(const Inspected& network) {
  std::ostringstream out;
  const auto fact = [&](const std::string& name, const std::string& value) {
    out << std::left << std::setw(14) << name << value << "\n";
  };
  fact("Model", base::printable(network.source) + (network.fresh ? " (fresh weights)" : ""));
  fact("Architecture", network.architecture);
  for (const auto& [name, value] : network.facts) fact(name, value);
  fact("Classes", base::cat(network.names.size(), ": ", some_names(network.names)));
  fact("Parameters",
       base::cat(grouped(network.parameters), " in ", network.tensors, " tensors with buffers"));
  out << "\n"
      << std::left << std::setw(5) << "ROW" << std::setw(10) << "FROM" << std::setw(10) << "TYPE"
      << std::right << std::setw(9) << "CHANNELS" << std::setw(13) << "PARAMETERS\n";
  int64_t row = 0;
  for (const auto& layer : network.layers) {
    const auto from = row == 0 ? "image" : with_commas(layer.from);
    out << std::left << std::setw(5) << row++ << std::setw(10) << from << std::setw(10)
        << layer.type << std::right << std::setw(9)
        << (layer.channels == 0 ? "" : std::to_string(layer.channels)) << std::setw(12)
        << grouped(layer.parameters) << "\n";
  }
  return out.str();
}

}  // namespace

Description describe(const Inspected& network) {
  return {text_of(network), document_of(network)};
}

}  // namespace lotse::runner::task
