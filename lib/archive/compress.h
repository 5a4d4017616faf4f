#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace lotse::archive {

/// Where bytes go, piece by piece.
using Sink = std::function<void(std::string_view)>;

enum class Compression { none, gzip, zstd };

/// Compresses a stream. The same bytes give the same result, into whatever pieces they are cut and
/// on however many cores: there is no time stamp, levels are fixed (gzip 6, zstd 3), and the number
/// of zstd's threads does not show.
class Compressor {
 public:
  Compressor(Compression compression, Sink out);
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  void write(std::string_view bytes);
  /// Writes what is left. Call it once, at the end; without it the stream stays incomplete.
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Method, level and the library's version, e.g. "zstd-3-1.5.4": equal bytes with an equal identity
/// give equal results.
std::string identity(Compression compression);

}  // namespace lotse::archive
