#pragma once
#include <filesystem>

#include "runner/task/model.h"

namespace lotse::runner::exporting {

/// Traces the model's network for `batch` examples of the sizes that it is for, freezes it (weights
/// become constants) and writes it atomically. The file needs no code of its own: torch.jit.load of
/// any language runs it. What it is stands in the extra file task::export_metadata. Throws
/// Error(failed) if what was traced does not give what the network gives.
void write_torchscript(task::Model& model, int64_t batch, const std::filesystem::path& path);

}  // namespace lotse::runner::exporting
