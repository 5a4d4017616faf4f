#pragma once
#include <filesystem>
#include <string>

#include "checkpoint/finding.h"

namespace lotse::checkpoint {

struct Scan {
  std::string kind;   ///< "pt", "torchscript", "safetensors", "pickle", "zip"
  Findings findings;  ///< what would happen; empty: nothing
};

/// What the file would do to a program that runs or unpickles it, found by the readers that load
/// it: the operators of TorchScript (torchscript.h); each name in a pickle, in any member of a zip
/// file, that is not on the lists of harmless ones; pickles within the texts of pickles, also in
/// hex and base64. Nothing is run. Throws Error(invalid) naming the file if it cannot be read and
/// no finding came before that.
Scan scan(const std::filesystem::path& path);

}  // namespace lotse::checkpoint
