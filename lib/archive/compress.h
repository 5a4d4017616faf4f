#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace lotse::archive {

/// Takes bytes as they come.
using Sink = std::function<void(std::string_view)>;

enum class Compression { none, gzip, zstd };

/// Compresses a stream. The same bytes give the same result, however they are cut and on however
/// many cores: no time stamp, fixed levels (gzip 6, zstd 3), zstd's threads do not show in it.
class Compressor {
 public:
  Compressor(Compression compression, Sink out);
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  void write(std::string_view bytes);
  /// Hands out what is left. Once, last; without it nothing more is written.
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Method, level and the library's version, e.g. "zstd-3-1.5.4": equal bytes with an equal identity
/// give equal results.
std::string identity(Compression compression);

}  // namespace lotse::archive
