#include "checkpoint/tensor_node.h"

#include <algorithm>
#include <optional>

#include "base/error.h"

namespace lotse::checkpoint {

namespace {

using Kind = Node::Kind;

std::optional<DType> storage_type(const std::string& global) {
  static const std::unordered_map<std::string, DType> types = {
      {"torch.DoubleStorage", DType::f64}, {"torch.FloatStorage", DType::f32},
      {"torch.HalfStorage", DType::f16},   {"torch.BFloat16Storage", DType::bf16},
      {"torch.LongStorage", DType::i64},   {"torch.IntStorage", DType::i32},
      {"torch.ShortStorage", DType::i16},  {"torch.CharStorage", DType::i8},
      {"torch.ByteStorage", DType::u8},    {"torch.BoolStorage", DType::boolean}};
  const auto found = types.find(global);
  return found == types.end() ? std::nullopt : std::optional(found->second);
}

/// Reads one tensor; errors name it.
class Reading {
 public:
  Reading(const Pickle& pickle, const Storages& storages, const std::string& name)
      : pickle_(pickle), storages_(storages), name_(name) {}

  /// _rebuild_tensor_v2(storage, offset, size, stride, ...) or _rebuild_parameter(that, ...).
  TensorView tensor(const Node& call, int depth) const {
    if (call.kind != Kind::call || depth > 1) wrong(" is not a tensor");
    const std::string& function = at(call.items[0]).text;
    const auto& arguments = at(call.items[1]).items;
    if (function == "torch._utils._rebuild_parameter" && !arguments.empty())
      return tensor(at(arguments[0]), depth + 1);
    if (function != "torch._utils._rebuild_tensor_v2" || arguments.size() < 4)
      wrong(" is not a tensor");
    TensorView view;
    view.shape = sizes(arguments[2]);
    view.strides = sizes(arguments[3]);
    if (view.shape.size() != view.strides.size() || view.shape.size() > 16)
      wrong(": sizes and strides do not fit");
    const auto offset = count(arguments[1]);
    const auto storage = storage_of(at(arguments[0]), view.dtype);
    place(view, storage, offset);
    return view;
  }

 private:
  [[noreturn]] void wrong(const std::string& what) const {
    throw base::Error(base::ErrorKind::invalid, "'" + name_ + "'" + what);
  }
  const Node& at(Ref ref) const { return pickle_.at(ref); }

  int64_t count(Ref ref) const {
    const Node& node = at(ref);
    if (node.kind != Kind::integer || node.integer < 0) wrong(" has a wrong size");
    return node.integer;
  }

  std::vector<int64_t> sizes(Ref ref) const {
    const Node* node = &at(ref);
    if (node->kind == Kind::call && !at(node->items[1]).items.empty())  // torch.Size((...))
      node = &at(at(node->items[1]).items[0]);
    if (node->kind != Kind::tuple) wrong(" has no sizes");
    std::vector<int64_t> result;
    result.reserve(node->items.size());
    for (const Ref one : node->items) result.push_back(count(one));
    return result;
  }

  /// ('storage', torch.FloatStorage, key, device, elements)
  std::string_view storage_of(const Node& node, DType& dtype) const {
    if (node.kind != Kind::storage) wrong(" has no storage");
    const Node& id = at(node.items[0]);
    if (id.kind != Kind::tuple || id.items.size() != 5 || at(id.items[0]).text != "storage")
      wrong(" has an unknown storage");
    const auto type = storage_type(at(id.items[1]).text);
    if (!type) wrong(" has the unknown type '" + at(id.items[1]).text + "'");
    dtype = *type;
    const auto& key = at(id.items[2]).text;
    const auto found = storages_.find(key);
    if (found == storages_.end()) wrong(": the file lacks data/" + key);
    int64_t bytes = 0;
    if (__builtin_mul_overflow(count(id.items[4]), static_cast<int64_t>(size_of(dtype)), &bytes) ||
        static_cast<std::uint64_t>(bytes) > found->second.size())
      wrong(": data/" + key + " is shorter than it says");
    return found->second.substr(0, bytes);
  }

  /// Every element must lie in the storage, and there may not be more of them than it holds.
  void place(TensorView& view, std::string_view storage, int64_t offset) const {
    const auto size = static_cast<int64_t>(size_of(view.dtype));
    const auto held = static_cast<int64_t>(storage.size()) / size;
    int64_t elements = 1;
    int64_t last = offset;
    bool fits = true;
    for (std::size_t i = 0; i < view.shape.size(); ++i) {
      int64_t step = 0;
      fits = fits && !__builtin_mul_overflow(elements, view.shape[i], &elements) &&
             !__builtin_mul_overflow(std::max<int64_t>(view.shape[i] - 1, 0), view.strides[i],
                                     &step) &&
             !__builtin_add_overflow(last, step, &last);
    }
    if (fits && elements == 0) return;
    if (!fits || last >= held || elements > held) wrong(" leaves its storage");
    view.bytes = storage.substr(offset * size, (last - offset + 1) * size);
  }

  const Pickle& pickle_;
  const Storages& storages_;
  const std::string& name_;
};

}  // namespace

TensorView read_tensor(const Pickle& pickle, const Node& node, const Storages& storages,
                       const std::string& name) {
  return Reading(pickle, storages, name).tensor(node, 0);
}

}  // namespace lotse::checkpoint
