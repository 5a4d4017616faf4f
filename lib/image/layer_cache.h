#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace lotse::image {

/// A blob of a layout: a file named by its digest.
struct Blob {
  std::string digest;  ///< SHA-256, 64 hexadecimal digits
  std::uint64_t size = 0;
};

/// Keeps compressed layers of earlier builds as FOLDER/KEY/DIGEST, where KEY stands for what a
/// layer holds. Without a folder (an empty path) it keeps nothing and finds nothing.
class LayerCache {
 public:
  explicit LayerCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Copies the layer kept under `key` into `blobs`, its digest checked on the way.
  std::optional<Blob> copy_to(const std::string& key, const std::filesystem::path& blobs) const;
  void keep(const std::string& key, const Blob& blob, const std::filesystem::path& blobs) const;
  /// Removes what has not been used for 30 days.
  void prune() const;

 private:
  std::filesystem::path folder_;
};

}  // namespace lotse::image
