#include "checkpoint/checkpoint.h"

#include <array>

#include "base/error.h"
#include "checkpoint/mapped_file.h"

namespace lotse::checkpoint {

namespace {

struct Known {
  std::string_view name;
  std::size_t size;
};
constexpr std::array<Known, 10> known = {{{"F64", 8},
                                          {"F32", 4},
                                          {"F16", 2},
                                          {"BF16", 2},
                                          {"I64", 8},
                                          {"I32", 4},
                                          {"I16", 2},
                                          {"I8", 1},
                                          {"U8", 1},
                                          {"BOOL", 1}}};

std::string hint_for(std::string_view begin) {
  if (begin.substr(0, 2) == "\x80\x02") return "Save it again with PyTorch 1.6 or newer.";
  if (begin.substr(0, 8) == "version ") return "This is a pointer of Git LFS, not the file itself.";
  if (begin.substr(0, 1) == "<") return "This is a web page, not the file itself.";
  return "Known are .pt files of Ultralytics and safetensors.";
}

}  // namespace

std::size_t size_of(DType dtype) {
  return known.at(static_cast<std::size_t>(dtype)).size;
}
std::string_view name_of(DType dtype) {
  return known.at(static_cast<std::size_t>(dtype)).name;
}

int64_t TensorView::elements() const {
  int64_t product = 1;
  for (const int64_t size : shape) product *= size;
  return product;
}

bool TensorView::contiguous() const {
  int64_t expected = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    if (shape[i] != 1 && strides[i] != expected) return false;
    expected *= shape[i];
  }
  return true;
}

Checkpoint read(const std::filesystem::path& path) {
  const auto begin = std::string(MappedFile(path).bytes().substr(0, 16));
  if (begin.substr(0, 2) == "PK") return read_pt(path);
  if (begin.size() > 8 && begin[8] == '{') return read_safetensors(path);
  throw base::Error(base::ErrorKind::invalid,
                    path.string() + ": no weights file that is known here", hint_for(begin));
}

}  // namespace lotse::checkpoint
