#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace lotse::contract {

/// "volume:NAME/PATH": a file named so that a pod and a laptop mean the same one.
struct VolumePath {
  std::string volume;  ///< a DNS subdomain, as the name of a volume claim is
  std::string path;    ///< relative, without ".."; may be empty
};

/// Nothing if `text` does not begin with "volume:". Throws Error(invalid) if it does and is wrong.
std::optional<VolumePath> parse_volume_path(std::string_view text);

/// The file a run configuration names: a plain path as it is, "volume:NAME/PATH" under the folder
/// that LOTSE_VOLUME_<NAME> holds. Throws Error(invalid) if that variable is not set.
std::filesystem::path resolve_file(std::string_view text);

}  // namespace lotse::contract
