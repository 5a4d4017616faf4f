#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace lotse::runner::nn {

/// What Ultralytics' exporter says of a TorchScript file, in its config.txt.
struct UltralyticsExport {
  std::vector<std::string> names;  ///< of the classes
  int64_t imgsz = 0;               ///< it takes batch x 3 x imgsz x imgsz, fp32
  int64_t batch = 0;
  bool end_to_end = false;  ///< of a detector: rows of boxes come out, suppression is done
};

/// The name of that extra file.
inline constexpr auto ultralytics_metadata = "config.txt";

/// Reads it. Throws Error(invalid) naming `file` where it does not say enough, and for a file in
/// fp16, or of pictures that are not square, with `hint` for what to do about it.
UltralyticsExport read_ultralytics(const std::string& file, const std::string& text,
                                   const std::string& hint);

/// Throws Error(invalid) naming `file` where sizes and names that an exported file of pictures says
/// of itself cannot be, and where its side is not the `wanted` one, which is 0 for any.
void check_sizes(const std::string& file, const std::vector<std::string>& names, int64_t imgsz,
                 int64_t batch, int64_t wanted);

}  // namespace lotse::runner::nn
