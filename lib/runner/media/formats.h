#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

#include "runner/media/codec.h"

/// One file a format, behind codec.h.
namespace lotse::runner::media {

/// Why bytes are no picture; codec.cpp puts the file's name before it.
struct Unreadable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws Unreadable unless 0 < width x height <= max_pixels. Before any memory is taken.
void check_size(int64_t width, int64_t height);

bool is_jpeg(std::string_view bytes);
bool is_png(std::string_view bytes);
bool is_webp(std::string_view bytes);
bool is_bmp(std::string_view bytes);
bool is_tiff(std::string_view bytes);

Image decode_jpeg(std::string_view bytes);
Image decode_png(std::string_view bytes);
Image decode_webp(std::string_view bytes);
Image decode_bmp(std::string_view bytes);
Image decode_tiff(std::string_view bytes);

/// The EXIF block of a file; empty if there is none or what lies before it is damaged.
std::string_view exif_of_jpeg(std::string_view jpeg);
std::string_view exif_of_webp(std::string_view webp);

/// Orientation 1 to 8 out of an EXIF block (EXIF 2.32, tag 0x0112), with or without "Exif\0\0"
/// before it; 1 if it has none or is damaged.
int exif_orientation(std::string_view exif);

/// The picture upright: rotated and mirrored as orientation 1 to 8 says.
Image apply_orientation(Image image, int orientation);

}  // namespace lotse::runner::media
