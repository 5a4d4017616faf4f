#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// A tar stream of regular files and folders and of nothing else (POSIX ustar, pax headers where a
/// path or a size needs them), without libarchive: the runner's `files` mode must start in
/// milliseconds, and libarchive would bring 40 MB of libraries into the image.
namespace lotse::archive {

struct TarEntry {
  std::string path;  ///< relative, is_safe_path
  bool folder = false;
  unsigned mode = 0644;
  uint64_t size = 0;
};

/// Whether a path stays below the folder that it is joined to: it is relative, has no part that is
/// empty, "." or "..", no NUL, and at most 4096 bytes.
bool is_safe_path(std::string_view path);

/// The blocks in front of an entry's content, which the caller writes next, and then
/// tar_padding(size).
std::string tar_header(const TarEntry& entry);
std::string tar_padding(uint64_t size);
std::string tar_end();

class TarStreamReader {
 public:
  /// Fills `room` bytes from `into` on, or fewer at the end of the stream.
  using Source = std::function<std::size_t(char* into, std::size_t room)>;

  explicit TarStreamReader(Source source) : source_(std::move(source)) {}

  /// The next entry, skipping what is left of the one before; no entry at the end mark. Throws
  /// Error(invalid) for a link, a device or any other kind of entry, an unsafe path, a wrong
  /// checksum, a stream that ends too early.
  std::optional<TarEntry> next();
  /// Up to `room` bytes of the entry; 0 at its end.
  std::size_t read(char* into, std::size_t room);

 private:
  void fill(char* into, std::size_t size);
  std::string take(std::size_t size);

  Source source_;
  uint64_t left_ = 0;     // of the entry's content
  uint64_t padding_ = 0;  // behind it
};

}  // namespace lotse::archive
