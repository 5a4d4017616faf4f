#pragma once
#include <string>
#include <string_view>
#include <unordered_map>

#include "checkpoint/checkpoint.h"
#include "checkpoint/pickle.h"

namespace lotse::checkpoint {

/// The raw bytes that tensors lie in, by key: "0" for the archive's member data/0.
using Storages = std::unordered_map<std::string, std::string_view>;

/// The tensor that a node describes: a call of _rebuild_tensor_v2, perhaps within one of
/// _rebuild_parameter. Throws Error(invalid) naming it by `name` if it is none, or if not all of it
/// lies in its storage.
TensorView read_tensor(const Pickle& pickle, const Node& node, const Storages& storages,
                       const std::string& name);

}  // namespace lotse::checkpoint
