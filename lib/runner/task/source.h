#pragma once
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "checkpoint/checkpoint.h"
#include "contract/options/predict.h"
#include "runner/task/model.h"

namespace lotse::runner::task {

/// An exported file that was checked and loaded.
struct Graph {
  std::unique_ptr<Network> network;
  torch::Device device = torch::kCPU;
  std::map<std::string, std::string> extra;  ///< what it says of itself: files by name
};

/// What a model is made of, read once: the name of an architecture, weights, or a graph.
struct Source {
  std::string given;  ///< a name or a file
  std::optional<checkpoint::Checkpoint> weights;
  std::optional<Graph> graph;

  bool is_name() const { return !weights && !graph; }
  /// What a file says that it is for: "detect", "segment", "classify"; "" if it says nothing.
  std::string task() const;
  /// What our own export wrote into the file; an empty object if it is another's.
  nlohmann::json own_metadata() const;
};

/// The side of the pictures that a network is to take: `wanted`, or if that is 0 the one that its
/// weights say they were trained with, or else `standard`.
int64_t side_for(const Source& source, int64_t wanted, int64_t standard);

/// Of weights or a fresh model: the device and the precision that the options make of it. Throws
/// Error(invalid) for those that cannot be.
ModelInfo weights_info(const Source& source, const contract::EngineOptions& options);

/// What our own export says of a graph (to_metadata); `about` has the traits too, for their family
/// to take. Throws Error(invalid) where it does not say what it must.
ModelInfo exported_info(const Source& source);
/// Of a graph that another's exporter wrote, for so many examples at a time, in fp32.
ModelInfo foreign_info(const Source& source, int64_t batch);

/// Throws Error(invalid) unless a graph of this precision does where `wanted` is asked for: its
/// own, auto, or fp32, which says nothing, for it is the default. Warns where it is emulated.
void check_exported_precision(const ModelInfo& info, const std::string& wanted);

/// What to do with an exported file that does not say enough.
inline constexpr auto export_hint = "Export it from the .pt with `lotse export`.";

/// A name, or a weights file, told by whether there is such a file. Throws Error(invalid) for a
/// file that is not there or cannot be read.
Source read_source(const std::string& given);

}  // namespace lotse::runner::task
