#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/strings.h"
#include "runner/media/formats.h"

namespace lotse::runner::media {

namespace {

/// Those that the field's tools write. libtiff knows twenty more, of which each is a decoder that
/// strangers' bytes would reach.
constexpr std::array<uint16_t, 7> compressions = {
    COMPRESSION_NONE,     COMPRESSION_LZW,  COMPRESSION_ADOBE_DEFLATE, COMPRESSION_DEFLATE,
    COMPRESSION_PACKBITS, COMPRESSION_JPEG, COMPRESSION_CCITTFAX4};

/// The file as libtiff reads it, and the first thing that libtiff said against it.
struct Source {
  std::string_view bytes;
  uint64_t at = 0;
  std::string problem = {};
};

Source& source(thandle_t handle) {
  return *static_cast<Source*>(handle);
}

tmsize_t read_some(thandle_t handle, void* into, tmsize_t size) {
  auto& from = source(handle);
  const auto left = from.bytes.size() - std::min<uint64_t>(from.at, from.bytes.size());
  const auto count = std::min(static_cast<size_t>(std::max<tmsize_t>(size, 0)), size_t{left});
  if (count > 0) std::memcpy(into, from.bytes.data() + from.at, count);
  from.at += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t write_nothing(thandle_t, void*, tmsize_t) {
  return 0;
}

toff_t seek_to(thandle_t handle, toff_t offset, int whence) {
  auto& from = source(handle);
  const uint64_t base = whence == SEEK_CUR ? from.at : whence == SEEK_END ? from.bytes.size() : 0;
  return from.at = base + offset;
}

int close_nothing(thandle_t) {
  return 0;
}

/// The bytes are in memory as a mapped file would be; libtiff only reads them.
int map_bytes(thandle_t handle, void** begin, toff_t* length) {
  const auto& bytes = source(handle).bytes;
  *begin = const_cast<char*>(bytes.data());
  *length = bytes.size();
  return 1;
}

void unmap_nothing(thandle_t, void*, toff_t) {}

toff_t length_of(thandle_t handle) {
  return source(handle).bytes.size();
}

int keep_problem(TIFF*, void* handle, const char*, const char* format, va_list arguments) {
  std::array<char, 256> text = {};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  auto& problem = source(handle).problem;
  if (problem.empty()) problem = text.data();
  return 1;  // libtiff prints nothing itself
}

int ignore_warning(TIFF*, void*, const char*, const char*, va_list) {
  return 1;
}

using File = std::unique_ptr<TIFF, decltype(&TIFFClose)>;

File open_tiff(Source& from) {
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(
      TIFFOpenOptionsAlloc(), TIFFOpenOptionsFree);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), tmsize_t{4} * max_pixels);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_problem, &from);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), ignore_warning, &from);
  return {TIFFClientOpenExt("picture", "r", &from, read_some, write_nothing, seek_to, close_nothing,
                            length_of, map_bytes, unmap_nothing, options.get()),
          TIFFClose};
}

template <class T>
T tag_value(const File& file, uint32_t tag, T absent) {
  T value = absent;
  return TIFFGetFieldDefaulted(file.get(), tag, &value) == 1 ? value : absent;
}

[[noreturn]] void refuse(const Source& from) {
  throw Unreadable("damaged TIFF: " +
                   (from.problem.empty() ? "it cannot be decoded" : base::printable(from.problem)));
}

}  // namespace

bool is_tiff(std::string_view bytes) {
  using namespace std::string_view_literals;
  const auto start = bytes.substr(0, 4);
  return start == "II*\0"sv || start == "MM\0*"sv || start == "II+\0"sv || start == "MM\0+"sv;
}

Image decode_tiff(std::string_view bytes) {
  Source from{bytes};
  const File file = open_tiff(from);
  if (!file) refuse(from);
  const auto width = tag_value<uint32_t>(file, TIFFTAG_IMAGEWIDTH, 0);
  const auto height = tag_value<uint32_t>(file, TIFFTAG_IMAGELENGTH, 0);
  check_size(width, height);
  const auto compression = tag_value<uint16_t>(file, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  if (std::find(compressions.begin(), compressions.end(), compression) == compressions.end())
    throw Unreadable(base::cat("a TIFF with compression ", compression, " is not read"));
  std::array<char, 1024> why = {};
  if (TIFFRGBAImageOK(file.get(), why.data()) == 0)
    throw Unreadable(base::cat("a TIFF of this kind is not read: ", base::printable(why.data())));
  const auto orientation = tag_value<uint16_t>(file, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  const auto pixels = static_cast<size_t>(width) * height;
  const auto raster = std::make_unique_for_overwrite<uint32_t[]>(pixels);
  // Asked for the orientation that the file has, libtiff gives the rows as they are stored: by
  // itself it mirrors, but does not turn.
  if (TIFFReadRGBAImageOriented(file.get(), width, height, raster.get(), orientation, 1) == 0)
    refuse(from);
  Image image = blank(static_cast<int>(width), static_cast<int>(height), 0);
  for (size_t i = 0; i < pixels; ++i) {
    image.rgb[i * 3] = static_cast<uint8_t>(TIFFGetR(raster[i]));
    image.rgb[i * 3 + 1] = static_cast<uint8_t>(TIFFGetG(raster[i]));
    image.rgb[i * 3 + 2] = static_cast<uint8_t>(TIFFGetB(raster[i]));
  }
  return apply_orientation(std::move(image), orientation);
}

}  // namespace lotse::runner::media
