#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/finding.h"

namespace lotse::checkpoint {

/// A TorchScript archive that was read and found to be arithmetic on tensors.
struct TorchScript {
  /// What torch.jit.load may be given: the code as it is in the file; the pickles, tensors and the
  /// directory written anew from what was read. Nothing else of the file is in it, so nothing but
  /// what was checked is loaded, whatever another reader would make of the file.
  std::string archive;
  std::map<std::string, std::string> extra;  ///< by name, "lotse.json"; no longer than 1 MiB each
};

/// Whether the bytes are a TorchScript archive: a zip file whose directory names a constants.pkl.
bool is_torchscript(std::string_view file);

/// Reads an exported model; nothing in it is run. Throws Error(invalid) naming the file and the
/// first finding (see scan_torchscript), or what cannot be read.
TorchScript read_torchscript(const std::filesystem::path& path);

/// What in the file is not known to be harmless: of its code (script.h), and of its pickles all but
/// submodules, tensors, numbers and lists of them. Empty: read_torchscript takes it. Throws
/// Error(invalid) for what cannot be read.
Findings scan_torchscript(std::string_view file);

}  // namespace lotse::checkpoint
