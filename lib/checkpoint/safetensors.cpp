// The safetensors format: https://huggingface.co/docs/safetensors - a length, a JSON header, bytes.
#include <algorithm>
#include <bit>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/mapped_file.h"

namespace lotse::checkpoint {

namespace {

using nlohmann::json;
static_assert(std::endian::native == std::endian::little, "tensors lie in files as in memory");

constexpr std::uint64_t longest_header = 100'000'000;  // as in the reference implementation
constexpr std::size_t alignment = 64;
constexpr auto metadata_key = "__metadata__";

[[noreturn]] void wrong(const std::string& what) {
  throw base::Error(base::ErrorKind::invalid, "safetensors: " + what);
}

std::string_view header_of(std::string_view file) {
  if (file.size() < 8) wrong("the file is cut");
  std::uint64_t length = 0;
  for (int i = 8; i-- > 0;) length = length << 8 | static_cast<unsigned char>(file[i]);
  if (length > longest_header) wrong(base::cat("a header of ", length, " bytes is too long"));
  if (length > file.size() - 8) wrong("the header is cut");
  return file.substr(8, length);
}

json parse_header(std::string_view text) {
  std::set<std::string> names;
  const auto once = [&](int depth, json::parse_event_t event, json& value) {
    if (depth > 3) wrong("the header is nested too deeply");
    if (depth == 1 && event == json::parse_event_t::key &&
        !names.insert(value.get<std::string>()).second)
      wrong("two tensors are named '" + value.get<std::string>() + "'");
    return true;
  };
  auto header = json::parse(text, once, false);
  if (!header.is_object()) wrong("the header is not a JSON object");
  return header;
}

DType dtype_named(const std::string& name, const std::string& tensor) {
  for (int i = 0; i <= static_cast<int>(DType::boolean); ++i) {
    if (name_of(static_cast<DType>(i)) == name) return static_cast<DType>(i);
  }
  wrong("tensor '" + tensor + "' has the unknown type '" + name + "'");
}

/// A list of whole numbers from 0.
std::vector<int64_t> counts(const json& entry, const char* key, const std::string& tensor) {
  const auto found = entry.find(key);
  const bool list = found != entry.end() && found->is_array();
  std::vector<int64_t> result;
  if (!list) wrong("tensor '" + tensor + "' has no list '" + key + "'");
  for (const auto& one : *found) {
    if (!one.is_number_unsigned() || one.get<std::uint64_t>() > INT64_MAX)
      wrong("tensor '" + tensor + "': '" + key + "' holds something that is no size");
    result.push_back(one.get<int64_t>());
  }
  return result;
}

int64_t bytes_of(const TensorView& view, const std::string& tensor) {
  auto total = static_cast<int64_t>(size_of(view.dtype));
  for (const int64_t size : view.shape) {
    if (__builtin_mul_overflow(total, size, &total)) wrong("tensor '" + tensor + "' is too large");
  }
  return total;
}

std::vector<int64_t> row_major(const std::vector<int64_t>& shape) {
  std::vector<int64_t> strides(shape.size());
  int64_t next = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    strides[i] = next;
    next *= std::max<int64_t>(shape[i], 1);
  }
  return strides;
}

struct Placed {
  std::string name;
  TensorView view;
  int64_t begin = 0;
  int64_t end = 0;
};

Placed place(const std::string& name, const json& entry, std::string_view data) {
  if (!entry.is_object() || !entry.contains("dtype") || !entry.at("dtype").is_string())
    wrong("tensor '" + name + "' has no dtype");
  Placed placed;
  placed.name = name;
  placed.view.dtype = dtype_named(entry.at("dtype").get<std::string>(), name);
  placed.view.shape = counts(entry, "shape", name);
  const auto offsets = counts(entry, "data_offsets", name);
  if (offsets.size() != 2) wrong("tensor '" + name + "': data_offsets are not two");
  placed.begin = offsets[0];
  placed.end = offsets[1];
  if (placed.begin > placed.end || static_cast<std::uint64_t>(placed.end) > data.size())
    wrong("tensor '" + name + "' leaves the file");
  if (bytes_of(placed.view, name) != placed.end - placed.begin)
    wrong("tensor '" + name + "': its shape and its bytes do not fit");
  placed.view.strides = row_major(placed.view.shape);
  placed.view.bytes = data.substr(placed.begin, placed.end - placed.begin);
  return placed;
}

void check_covering(const std::vector<Placed>& tensors, std::size_t size) {
  int64_t last = 0;
  for (const auto& one : tensors) {
    if (one.begin < last) wrong("tensor '" + one.name + "' overlaps another");
    if (one.begin > last) wrong("bytes before tensor '" + one.name + "' belong to none");
    last = one.end;
  }
  if (static_cast<std::size_t>(last) != size) wrong("bytes at the end belong to no tensor");
}

Checkpoint parse(std::string_view file) {
  const auto header_text = header_of(file);
  const auto header = parse_header(header_text);
  const auto data = file.substr(8 + header_text.size());
  Checkpoint result;
  std::vector<Placed> tensors;
  for (const auto& [name, entry] : header.items()) {
    if (name != metadata_key) {
      tensors.push_back(place(name, entry, data));
      continue;
    }
    const bool texts = entry.is_object() && std::all_of(entry.begin(), entry.end(),
                                                        [](auto& one) { return one.is_string(); });
    if (!texts) wrong("the metadata are not texts");
    result.metadata = entry;
  }
  std::stable_sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  check_covering(tensors, data.size());
  for (auto& one : tensors) result.tensors.emplace_back(std::move(one.name), std::move(one.view));
  return result;
}

}  // namespace

Checkpoint read_safetensors(const std::filesystem::path& path) {
  auto file = std::make_shared<const MappedFile>(path);
  try {
    auto result = parse(file->bytes());
    result.mapping = std::move(file);
    return result;
  } catch (base::Error& error) {
    error.add_context(path.string());
    throw;
  } catch (const json::exception& error) {
    throw base::Error(base::ErrorKind::invalid, path.string() + ": safetensors: " + error.what());
  }
}

void write_safetensors(const std::filesystem::path& path,
                       const std::vector<std::pair<std::string, TensorView>>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header[metadata_key] = metadata;
  std::size_t offset = 0;
  for (const auto& [name, view] : tensors) {
    if (header.contains(name)) wrong("two tensors are named '" + name + "'");
    if (!view.contiguous()) wrong("tensor '" + name + "' is not contiguous");
    const auto end = offset + view.bytes.size();
    header[name] = {
        {"dtype", name_of(view.dtype)}, {"shape", view.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.append((alignment - (8 + text.size()) % alignment) % alignment, ' ');
  std::string content;
  content.reserve(8 + text.size() + offset);
  for (int i = 0; i < 8; ++i) content += static_cast<char>(text.size() >> (8 * i) & 0xff);
  content += text;
  for (const auto& [name, view] : tensors) content += view.bytes;
  base::write_file_atomic(path, content);
}

}  // namespace lotse::checkpoint
