// Windows bitmaps, by the documentation of BITMAPCOREHEADER, BITMAPINFOHEADER, BITMAPV4HEADER and
// BITMAPV5HEADER.
#include <array>
#include <bit>

#include "base/strings.h"
#include "runner/media/bytes.h"
#include "runner/media/formats.h"

namespace lotse::runner::media {

namespace {

constexpr size_t file_header = 14, core_header = 12;
enum Compression : uint32_t { rgb = 0, rle8 = 1, rle4 = 2, masks = 3, alpha_masks = 6 };

class Bitmap {
 public:
  explicit Bitmap(std::string_view bytes) : bytes_(bytes), reader_(bytes, true) {
    read_header();
    check_size(width_, height_);
    if (bits_ <= 8) read_palette();
    if (bits_ > 8 && bits_ != 24) read_masks();
  }

  Image decode() const {
    if (compression_ == rle8 || compression_ == rle4) return from_indices(unpack_runs());
    const uint64_t row_bytes = (static_cast<uint64_t>(width_) * bits_ + 31) / 32 * 4;
    const auto height = static_cast<uint64_t>(height_);
    if (pixels_ > bytes_.size() || (bytes_.size() - pixels_) / row_bytes < height)
      throw Unreadable("damaged BMP: the file ends too early");
    Image image = blank(static_cast<int>(width_), static_cast<int>(height_), 0);
    for (int y = 0; y < image.height; ++y) {
      const size_t row = pixels_ + static_cast<size_t>(y) * row_bytes;
      for (int x = 0; x < image.width; ++x) put_pixel(row, x, image.at(x, place(y)));
    }
    return image;
  }

 private:
  uint32_t number(size_t at, size_t width) const {
    const auto value = reader_.read(at, width);
    if (!value) throw Unreadable("damaged BMP: the file ends too early");
    return *value;
  }

  void read_header() {
    pixels_ = number(10, 4);
    header_ = number(file_header, 4);
    const bool core = header_ == core_header;
    if (!core && header_ < 40) throw Unreadable("damaged BMP: its header has no known length");
    width_ = core ? int64_t{number(18, 2)} : static_cast<int32_t>(number(18, 4));
    height_ = core ? int64_t{number(20, 2)} : static_cast<int32_t>(number(22, 4));
    top_down_ = height_ < 0;
    height_ = std::abs(height_);
    bits_ = number(core ? 24 : 28, 2);
    compression_ = core ? rgb : number(30, 4);
    check_form();
  }

  void check_form() const {
    const bool indexed = bits_ == 1 || bits_ == 4 || bits_ == 8;
    const bool masked = bits_ == 16 || bits_ == 32;
    const bool known = (compression_ == rgb && (indexed || masked || bits_ == 24)) ||
                       (compression_ == rle8 && bits_ == 8) ||
                       (compression_ == rle4 && bits_ == 4) ||
                       ((compression_ == masks || compression_ == alpha_masks) && masked);
    if (!known)
      throw Unreadable(base::cat("a BMP of ", bits_, " bits a pixel with compression ",
                                 compression_, " is not read"));
  }

  void read_palette() {
    const bool core = header_ == core_header;
    const size_t entry = core ? 3 : 4;
    const uint32_t most = 1U << bits_;
    const uint32_t used = core ? 0 : number(46, 4);
    const uint32_t count = used == 0 || used > most ? most : used;
    for (uint32_t i = 0; i < count; ++i) {
      const size_t at = file_header + header_ + i * entry;
      for (size_t c = 0; c < 3; ++c) palette_[i][c] = static_cast<uint8_t>(number(at + 2 - c, 1));
    }
  }

  void read_masks() {
    if (compression_ == rgb) {
      masks_ = bits_ == 16 ? std::array<uint32_t, 3>{0x7C00, 0x03E0, 0x001F}
                           : std::array<uint32_t, 3>{0xFF0000, 0x00FF00, 0x0000FF};
    } else {
      for (size_t c = 0; c < 3; ++c) masks_[c] = number(file_header + 40 + 4 * c, 4);
    }
  }

  int place(int row) const { return top_down_ ? row : static_cast<int>(height_) - 1 - row; }

  void put_pixel(size_t row, int x, uint8_t* into) const {
    const auto column = static_cast<size_t>(x);
    if (bits_ <= 8) {
      const size_t bit = column * bits_;
      const auto byte = static_cast<uint8_t>(bytes_[row + bit / 8]);
      const auto& colour = palette_[byte >> (8 - bits_ - bit % 8) & ((1U << bits_) - 1)];
      std::copy(colour.begin(), colour.end(), into);
    } else if (bits_ == 24) {
      for (size_t c = 0; c < 3; ++c)
        into[c] = static_cast<uint8_t>(bytes_[row + column * 3 + 2 - c]);
    } else {
      const uint32_t value = *reader_.read(row + column * bits_ / 8, bits_ / 8);
      for (size_t c = 0; c < 3; ++c) into[c] = channel(value, masks_[c]);
    }
  }

  /// The bits under the mask, from 0 to 255.
  static uint8_t channel(uint32_t value, uint32_t mask) {
    if (mask == 0) return 0;
    const int shift = std::countr_zero(mask);
    const uint64_t most = mask >> shift;
    return static_cast<uint8_t>(((value & mask) >> shift) * uint64_t{255} / most);
  }

  /// Pixels as places in the palette, rows in the file's order. A run is (count, value); 0 begins
  /// an escape: 0 ends a line, 1 the picture, 2 moves on, n is n values as they are.
  std::vector<uint8_t> unpack_runs() const {
    const auto w = static_cast<size_t>(width_), h = static_cast<size_t>(height_);
    // Two bytes stand for 255 pixels at most: a small file gets no large picture.
    if (w * h > bytes_.size() * 255) throw Unreadable("damaged BMP: the file ends too early");
    std::vector<uint8_t> indices(w * h, 0);
    const bool halves = compression_ == rle4;
    size_t at = pixels_, x = 0, y = 0;
    const auto put = [&](uint8_t index) {
      if (x >= w || y >= h) throw Unreadable("damaged BMP: a run leaves the picture");
      indices[y * w + x++] = index;
    };
    const auto value_of = [&](uint32_t byte, uint32_t i) {
      if (!halves) return static_cast<uint8_t>(byte);
      return static_cast<uint8_t>(i % 2 == 0 ? byte >> 4 : byte & 15);
    };
    while (true) {
      const uint32_t count = number(at, 1), second = number(at + 1, 1);
      at += 2;
      if (count > 0) {
        for (uint32_t i = 0; i < count; ++i) put(value_of(second, i));
      } else if (second == 0) {
        x = 0, ++y;
      } else if (second == 1) {
        return indices;
      } else if (second == 2) {
        x += number(at, 1), y += number(at + 1, 1);
        at += 2;
      } else {
        for (uint32_t i = 0; i < second; ++i)
          put(value_of(number(at + (halves ? i / 2 : i), 1), i));
        const size_t used = halves ? (second + 1) / 2 : second;
        at += used + used % 2;
      }
    }
  }

  Image from_indices(const std::vector<uint8_t>& indices) const {
    Image image = blank(static_cast<int>(width_), static_cast<int>(height_), 0);
    for (int y = 0; y < image.height; ++y) {
      for (int x = 0; x < image.width; ++x) {
        const auto& colour = palette_[indices[static_cast<size_t>(y) * image.width + x]];
        std::copy(colour.begin(), colour.end(), image.at(x, place(y)));
      }
    }
    return image;
  }

  std::string_view bytes_;
  Bytes reader_;
  size_t pixels_ = 0, header_ = 0;
  int64_t width_ = 0, height_ = 0;
  bool top_down_ = false;
  uint32_t bits_ = 0, compression_ = rgb;
  std::array<std::array<uint8_t, 3>, 256> palette_ = {};
  std::array<uint32_t, 3> masks_ = {};
};

}  // namespace

bool is_bmp(std::string_view bytes) {
  return bytes.substr(0, 2) == "BM";
}

Image decode_bmp(std::string_view bytes) {
  return Bitmap(bytes).decode();
}

}  // namespace lotse::runner::media
