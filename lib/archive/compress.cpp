#include "archive/compress.h"

#include <zstd.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "archive/libarchive.h"
#include "base/error.h"
#include "base/strings.h"

namespace lotse::archive {

namespace {

constexpr int gzip_level = 6;
constexpr int zstd_level = 3;

/// libarchive's gzip filter around one nameless stream ("raw").
class Gzip {
 public:
  explicit Gzip(const Sink& out) : writer_(out) {
    ::archive* handle = writer_.handle();
    check(handle, libarchive().write_set_format_raw(handle));
    check(handle, libarchive().write_add_filter_gzip(handle));
    const std::string level = std::to_string(gzip_level);
    check(handle,
          libarchive().write_set_filter_option(handle, "gzip", "compression-level", level.c_str()));
    check(handle, libarchive().write_set_filter_option(handle, "gzip", "timestamp", nullptr));
    writer_.open();
    const Entry entry;
    libarchive().entry_set_filetype(entry.get(), AE_IFREG);
    check(handle, libarchive().write_header(handle, entry.get()));
  }

  void write(std::string_view bytes) { writer_.data(bytes); }
  void finish() { writer_.close(); }

 private:
  Writer writer_;
};

class Zstd {
 public:
  explicit Zstd(const Sink& out) : out_(out), buffer_(ZSTD_CStreamOutSize()) {
    set(ZSTD_c_compressionLevel, zstd_level);
    set(ZSTD_c_checksumFlag, 1);
    // The result is the same for any number of workers but 0.
    set(ZSTD_c_nbWorkers, static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
  }

  void write(std::string_view bytes) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    while (in.pos < in.size) step(in, ZSTD_e_continue);
  }

  void finish() {
    ZSTD_inBuffer nothing{nullptr, 0, 0};
    while (step(nothing, ZSTD_e_end) != 0) {
    }
  }

 private:
  static size_t checked(size_t result) {
    if (ZSTD_isError(result) != 0)
      throw base::Error(base::ErrorKind::failed, base::cat("zstd: ", ZSTD_getErrorName(result)));
    return result;
  }

  void set(ZSTD_cParameter parameter, int value) {
    checked(ZSTD_CCtx_setParameter(context_.get(), parameter, value));
  }

  size_t step(ZSTD_inBuffer& in, ZSTD_EndDirective directive) {
    ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
    const size_t left = checked(ZSTD_compressStream2(context_.get(), &out, &in, directive));
    if (out.pos > 0) out_({buffer_.data(), out.pos});
    return left;
  }

  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  Sink out_;
  std::vector<char> buffer_;
  std::unique_ptr<ZSTD_CCtx, Free> context_{ZSTD_createCCtx()};
};

}  // namespace

struct Compressor::State {
  Sink out;
  std::unique_ptr<Gzip> gzip;
  std::unique_ptr<Zstd> zstd;
};

Compressor::Compressor(Compression compression, Sink out) : state_(std::make_unique<State>()) {
  state_->out = std::move(out);
  if (compression == Compression::gzip) state_->gzip = std::make_unique<Gzip>(state_->out);
  if (compression == Compression::zstd) state_->zstd = std::make_unique<Zstd>(state_->out);
}

Compressor::~Compressor() = default;

void Compressor::write(std::string_view bytes) {
  if (state_->gzip)
    state_->gzip->write(bytes);
  else if (state_->zstd)
    state_->zstd->write(bytes);
  else
    state_->out(bytes);
}

void Compressor::finish() {
  if (state_->gzip) state_->gzip->finish();
  if (state_->zstd) state_->zstd->finish();
}

std::string identity(Compression compression) {
  switch (compression) {
    case Compression::none:
      return "none";
    case Compression::gzip:
      return base::cat("gzip-", gzip_level, "-", libarchive().zlib_version());
    case Compression::zstd:
      return base::cat("zstd-", zstd_level, "-", ZSTD_versionString());
  }
  return {};
}

}  // namespace lotse::archive
