#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "runner/nn/network.h"
#include "runner/task/family.h"

namespace lotse::runner::task {

/// What is told of a network row by row.
struct Inspected {
  std::string source;
  std::string architecture;
  bool fresh = false;  ///< weights by seed, not from a file
  std::vector<std::string> names;
  int64_t parameters = 0;
  int64_t tensors = 0;  ///< buffers too
  std::vector<nn::LayerInfo> layers;
  nlohmann::json metadata;  ///< what else the file says
  /// Facts of the family: "Heads", "one to many (o2m)".
  std::vector<std::pair<std::string, std::string>> facts = {};
};

/// As text, and as a document without the facts.
Description describe(const Inspected& network);

}  // namespace lotse::runner::task
