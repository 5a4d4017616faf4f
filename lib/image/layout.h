#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "archive/compress.h"
#include "image/build.h"
#include "image/contents.h"
#include "image/layer_cache.h"

namespace lotse::image {

/// Writes an OCI image layout (image-spec 1.0, image-layout.md) into an empty folder.
class Layout {
 public:
  explicit Layout(std::filesystem::path folder);

  /// What an index or manifest says of a blob.
  nlohmann::json add_json(const nlohmann::json& value, const std::string& media_type);

  struct Layer {
    nlohmann::json descriptor;
    std::string diff_id;  ///< "sha256:…" of the tar stream
    BuiltLayer summary;
  };
  /// Streams the layer into a blob, or takes it from the cache.
  Layer add_layer(const LayerContents& contents, archive::Compression compression,
                  const LayerCache& cache);

  /// Writes index.json and oci-layout, which make the layout complete.
  void finish(const nlohmann::json& index);

 private:
  Blob compress(const LayerContents& contents, archive::Compression compression);

  std::filesystem::path folder_;
  std::filesystem::path blobs_;
};

/// Whether the folder holds an OCI image layout.
bool is_layout(const std::filesystem::path& folder);

/// Packs the layout into one tar file, written aside and renamed. The same layout gives the same
/// bytes.
void write_layout_tar(const std::filesystem::path& folder, const std::filesystem::path& tar);

}  // namespace lotse::image
