#include "runner/media/codec.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "runner/media/formats.h"

namespace lotse::runner::media {

using base::Error;

Image blank(int width, int height, uint8_t fill) {
  return {width, height, std::vector<uint8_t>(static_cast<size_t>(width) * height * 3, fill)};
}

Image decode_image(std::string_view bytes, const std::string& name) {
  try {
    if (bytes.size() > static_cast<size_t>(max_file_bytes))
      throw Unreadable("the file is too large");
    if (is_jpeg(bytes)) return decode_jpeg(bytes);
    if (is_png(bytes)) return decode_png(bytes);
    if (is_webp(bytes)) return decode_webp(bytes);
    if (is_bmp(bytes)) return decode_bmp(bytes);
    if (is_tiff(bytes)) return decode_tiff(bytes);
    throw Unreadable(bytes.empty() ? "the file is empty" : base::cat("none of ", formats));
  } catch (const Unreadable& problem) {
    throw Error({{base::printable(name), problem.what(), ""}});
  }
}

Image read_image(const std::filesystem::path& path) {
  std::error_code problem;
  const auto size = std::filesystem::file_size(path, problem);
  if (!problem && size > static_cast<uintmax_t>(max_file_bytes))
    throw Error({{base::printable(path.string()), "the file is too large", ""}});
  return decode_image(base::read_file(path), path.string());
}

bool has_image_ending(const std::filesystem::path& path) {
  const auto ending = base::lower(path.extension().string());
  constexpr std::array endings = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"};
  return std::find(endings.begin(), endings.end(), ending) != endings.end();
}

void check_size(int64_t width, int64_t height) {
  if (width <= 0 || height <= 0) throw Unreadable("the picture has no area");
  if (width > max_pixels / height)
    throw Unreadable(base::cat("the picture is too large (", width, "x", height, ")"));
}

}  // namespace lotse::runner::media
