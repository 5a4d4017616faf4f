#include "image/layout.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "archive/tar.h"
#include "base/error.h"
#include "base/files.h"
#include "crypto/digest.h"

namespace lotse::image {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

json descriptor(const Blob& blob, const std::string& media_type) {
  return {{"mediaType", media_type}, {"digest", "sha256:" + blob.digest}, {"size", blob.size}};
}

std::string layer_media_type(archive::Compression compression) {
  std::string type = "application/vnd.oci.image.layer.v1.tar";
  if (compression == archive::Compression::gzip) return type + "+gzip";
  if (compression == archive::Compression::zstd) return type + "+zstd";
  return type;
}

/// A file written piece by piece; throws Error(failed) when the disk is full.
class Output {
 public:
  explicit Output(const fs::path& path)
      : path_(path), stream_(path, std::ios::binary | std::ios::trunc) {
    check();
  }
  void write(std::string_view bytes) {
    stream_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    check();
  }
  void close() {
    stream_.close();
    check();
  }

 private:
  void check() const {
    if (!stream_) throw base::Error(base::ErrorKind::failed, "cannot write " + path_.string());
  }
  fs::path path_;
  std::ofstream stream_;
};

}  // namespace

Layout::Layout(fs::path folder) : folder_(std::move(folder)), blobs_(folder_ / "blobs" / "sha256") {
  fs::create_directories(blobs_);
}

json Layout::add_json(const json& value, const std::string& media_type) {
  const std::string text = value.dump();
  const Blob blob{crypto::sha256(text), text.size()};
  base::write_file_atomic(blobs_ / blob.digest, text);
  return descriptor(blob, media_type);
}

Blob Layout::compress(const LayerContents& contents, archive::Compression compression) {
  Blob blob;
  crypto::Sha256 digest;
  const fs::path aside = blobs_ / "partial";
  Output file(aside);
  archive::Compressor compressor(compression, [&](std::string_view bytes) {
    digest.update(bytes);
    blob.size += bytes.size();
    file.write(bytes);
  });
  write_tar(contents, [&](std::string_view bytes) { compressor.write(bytes); });
  compressor.finish();
  file.close();
  blob.digest = digest.hex();
  fs::rename(aside, blobs_ / blob.digest);
  return blob;
}

Layout::Layer Layout::add_layer(const LayerContents& contents, archive::Compression compression,
                                const LayerCache& cache) {
  Layer layer;
  layer.summary.name = contents.name;
  crypto::Sha256 digest;
  write_tar(contents, [&](std::string_view bytes) {
    digest.update(bytes);
    layer.summary.unpacked_size += bytes.size();
  });
  const std::string diff_id = digest.hex();
  const std::string key = diff_id + "-" + archive::identity(compression);
  auto blob = cache.copy_to(key, blobs_);
  layer.summary.from_cache = blob.has_value();
  if (!blob) {
    blob = compress(contents, compression);
    cache.keep(key, *blob, blobs_);
  }
  layer.diff_id = "sha256:" + diff_id;
  layer.descriptor = descriptor(*blob, layer_media_type(compression));
  layer.summary.digest = "sha256:" + blob->digest;
  layer.summary.size = blob->size;
  for (const auto& item : contents.items) layer.summary.files.push_back("/" + item.path);
  std::sort(layer.summary.files.begin(), layer.summary.files.end());
  return layer;
}

void Layout::finish(const json& index) {
  base::write_file_atomic(folder_ / "index.json", index.dump());
  base::write_file_atomic(folder_ / "oci-layout", json{{"imageLayoutVersion", "1.0.0"}}.dump());
}

bool is_layout(const fs::path& folder) {
  return fs::is_regular_file(folder / "oci-layout") && fs::is_regular_file(folder / "index.json");
}

void write_layout_tar(const fs::path& folder, const fs::path& tar) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    paths.push_back(entry.path().lexically_relative(folder));
  std::sort(paths.begin(), paths.end());
  const fs::path aside = tar.string() + ".partial." + std::to_string(::getpid());
  try {
    Output file(aside);
    archive::TarWriter writer([&](std::string_view bytes) { file.write(bytes); });
    for (const auto& path : paths) {
      if (fs::is_directory(folder / path))
        writer.add_folder(path.string(), 0755);
      else
        writer.add_file(path.string(), 0644, folder / path);
    }
    writer.finish();
    file.close();
    fs::rename(aside, tar);
  } catch (...) {
    std::error_code ignored;
    fs::remove(aside, ignored);
    throw;
  }
}

}  // namespace lotse::image
