#include "image/layer_cache.h"

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <vector>

#include "base/log.h"
#include "crypto/digest.h"

namespace lotse::image {

namespace fs = std::filesystem;

namespace {

std::string digest_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> buffer(1 << 20);
  crypto::Sha256 digest;
  while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || file.gcount() > 0)
    digest.update({buffer.data(), static_cast<size_t>(file.gcount())});
  return digest.hex();
}

/// Ignores what goes wrong with the cache: then the layer is just compressed again.
template <class Work>
void tolerate(const Work& work) {
  try {
    work();
  } catch (const fs::filesystem_error& error) {
    base::log_debug(1, std::string("layer cache: ") + error.what());
  }
}

}  // namespace

std::optional<Blob> LayerCache::copy_to(const std::string& key, const fs::path& blobs) const {
  if (folder_.empty()) return std::nullopt;
  std::optional<Blob> result;
  tolerate([&] {
    if (!fs::is_directory(folder_ / key)) return;
    for (const auto& entry : fs::directory_iterator(folder_ / key)) {
      const std::string digest = entry.path().filename().string();
      if (digest.size() != 64) continue;
      fs::copy_file(entry.path(), blobs / digest, fs::copy_options::overwrite_existing);
      if (digest_of(blobs / digest) != digest) {
        fs::remove(blobs / digest);
        fs::remove(entry.path());
        continue;
      }
      fs::last_write_time(entry.path(), fs::file_time_type::clock::now());
      result = Blob{digest, fs::file_size(blobs / digest)};
      return;
    }
  });
  return result;
}

void LayerCache::keep(const std::string& key, const Blob& blob, const fs::path& blobs) const {
  if (folder_.empty()) return;
  tolerate([&] {
    fs::create_directories(folder_ / key);
    const fs::path aside = folder_ / key / ("partial." + std::to_string(::getpid()));
    fs::copy_file(blobs / blob.digest, aside, fs::copy_options::overwrite_existing);
    fs::rename(aside, folder_ / key / blob.digest);
  });
}

void LayerCache::prune() const {
  if (folder_.empty() || !fs::is_directory(folder_)) return;
  tolerate([&] {
    const auto oldest = fs::file_time_type::clock::now() - std::chrono::hours(24 * 30);
    std::vector<fs::path> unused;
    for (const auto& key : fs::directory_iterator(folder_)) {
      bool used = false;
      for (const auto& entry : fs::directory_iterator(key))
        used = used || fs::last_write_time(entry) > oldest;
      if (!used) unused.push_back(key.path());
    }
    for (const auto& key : unused) fs::remove_all(key);
  });
}

}  // namespace lotse::image
