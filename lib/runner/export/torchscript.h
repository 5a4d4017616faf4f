#pragma once
#include <filesystem>

#include "runner/infer/engine.h"

namespace lotse::runner::exporting {

/// Traces the engine's network, decoding and top_k included, for `batch` pictures of its imgsz,
/// freezes it (weights become constants) and writes it atomically. The file needs no code of its
/// own: torch.jit.load of any language runs it on batch x 3 x imgsz x imgsz floats, 0 to 1. What it
/// is stands in the extra file "lotse.json". Throws Error(failed) if what was traced does not
/// give what the network gives.
void write_torchscript(infer::WeightsEngine& engine, int64_t batch,
                       const std::filesystem::path& path);

}  // namespace lotse::runner::exporting
