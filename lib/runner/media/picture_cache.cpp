#include "runner/media/picture_cache.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>

#include "base/error.h"
#include "base/strings.h"

namespace lotse::runner::media {

namespace fs = std::filesystem;

namespace {

/// What a file begins with; the picture's path with its form and the pixels follow.
struct CacheHeader {
  char magic[16] = "lotse picture 2";
  int64_t bytes = 0, seconds = 0, nanoseconds = 0;  ///< of the picture's file
  int32_t width = 0, height = 0;
  uint64_t name = 0;  ///< its length
  uint64_t sum = 0;   ///< of the pixels
};

/// Eight bytes at a time: a check of what was read from a disk, and no secret.
uint64_t sum_of(const std::vector<uint8_t>& bytes) {
  constexpr uint64_t factor = 0x9E3779B97F4A7C15;
  uint64_t sums[4] = {1, 2, 3, 4}, word = 0;
  size_t i = 0;
  for (; i + 32 <= bytes.size(); i += 32)
    for (size_t lane = 0; lane < 4; ++lane) {
      std::memcpy(&word, bytes.data() + i + 8 * lane, 8);
      sums[lane] = (sums[lane] ^ word) * factor;
    }
  uint64_t sum = bytes.size();
  for (; i < bytes.size(); ++i) sum = (sum ^ bytes[i]) * factor;
  for (const auto lane : sums) sum = (sum ^ (lane >> 29) ^ lane) * factor;
  return sum;
}

std::string name_of(const fs::path& picture, const std::string& form) {
  return picture.string() + "\n" + form;
}

std::optional<CacheHeader> header_for(const fs::path& picture, const std::string& form) {
  struct stat about {};
  if (::stat(picture.c_str(), &about) != 0) return {};
  CacheHeader header;
  header.bytes = about.st_size;
  header.seconds = about.st_mtim.tv_sec;
  header.nanoseconds = about.st_mtim.tv_nsec;
  header.name = name_of(picture, form).size();
  return header;
}

size_t pixel_bytes(const CacheHeader& header) {
  return static_cast<size_t>(header.width) * static_cast<size_t>(header.height) * 3;
}

/// The header of an open file if it belongs to the picture as it is now, and all of it is there.
std::optional<CacheHeader> matching(std::ifstream& file, const fs::path& picture,
                                    const std::string& form) {
  const auto wanted = header_for(picture, form);
  CacheHeader found;
  if (!wanted || !file.read(reinterpret_cast<char*>(&found), sizeof found)) return {};
  auto same = *wanted;
  same.width = found.width, same.height = found.height, same.sum = found.sum;
  if (std::memcmp(&same, &found, sizeof found) != 0 || found.width < 1 || found.height < 1)
    return {};
  std::string name(found.name, '\0');
  if (!file.read(name.data(), static_cast<std::streamsize>(name.size())) ||
      name != name_of(picture, form))
    return {};
  const auto here = file.tellg();
  file.seekg(0, std::ios::end);
  if (static_cast<size_t>(file.tellg() - here) != pixel_bytes(found)) return {};
  file.seekg(here);
  return found;
}

}  // namespace

PictureCache::PictureCache(fs::path folder) : folder_(std::move(folder)) {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error || ::access(folder_.c_str(), W_OK | X_OK) != 0)
    throw base::Error({{base::printable(folder_.string()), "cannot be written to",
                        "--cache-folder names a folder for decoded pictures."}});
}

fs::path PictureCache::file_of(const fs::path& picture, const std::string& form) const {
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a; the name in the file tells two apart
  for (const char byte : name_of(picture, form))
    hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3;
  char name[32];
  std::snprintf(name, sizeof name, "%016llx", static_cast<unsigned long long>(hash));
  return folder_ / std::string(name, 2) / (std::string(name + 2) + ".rgb");
}

bool PictureCache::has(const fs::path& picture, const std::string& form) const {
  std::ifstream file(file_of(picture, form), std::ios::binary);
  return file && matching(file, picture, form).has_value();
}

std::optional<Image> PictureCache::read(const fs::path& picture, const std::string& form) const {
  std::ifstream file(file_of(picture, form), std::ios::binary);
  if (!file) return {};
  const auto header = matching(file, picture, form);
  if (!header) return {};
  Image image{header->width, header->height, std::vector<uint8_t>(pixel_bytes(*header))};
  file.read(reinterpret_cast<char*>(image.rgb.data()),
            static_cast<std::streamsize>(image.rgb.size()));
  return file && sum_of(image.rgb) == header->sum ? std::optional(std::move(image)) : std::nullopt;
}

bool PictureCache::write(const fs::path& picture, const std::string& form,
                         const Image& image) const {
  auto header = header_for(picture, form);
  if (!header) return false;
  header->width = image.width;
  header->height = image.height;
  header->sum = sum_of(image.rgb);
  const auto wanted = file_of(picture, form);
  std::error_code error;
  fs::create_directory(wanted.parent_path(), error);
  auto draft = wanted.string() + ".XXXXXX";
  const int descriptor = ::mkstemp(draft.data());
  if (descriptor < 0) return false;
  ::fchmod(descriptor, 0644);
  std::FILE* file = ::fdopen(descriptor, "wb");
  const auto name = name_of(picture, form);
  bool good = std::fwrite(&*header, sizeof *header, 1, file) == 1 &&
              std::fwrite(name.data(), 1, name.size(), file) == name.size() &&
              std::fwrite(image.rgb.data(), 1, image.rgb.size(), file) == image.rgb.size();
  good = std::fclose(file) == 0 && good;
  good = good && std::rename(draft.c_str(), wanted.c_str()) == 0;
  if (!good) fs::remove(draft, error);
  return good;
}

}  // namespace lotse::runner::media
