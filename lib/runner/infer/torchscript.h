#pragma once
#include <string>

#include "runner/task/source.h"

namespace lotse::runner::infer {

/// Whether a file is a TorchScript archive.
bool is_torchscript(const std::string& file);
/// Whether it is one that our export has written.
bool is_own_export(const std::string& file);

/// An exported file, anybody's. TorchScript is a program: it is read by checkpoint/torchscript.h
/// first, and only what was found to be arithmetic is given to libtorch. Throws Error(invalid)
/// naming the operator if it is not, or if it is damaged.
task::Graph read_graph(const std::string& file, const torch::Device& device);

}  // namespace lotse::runner::infer
