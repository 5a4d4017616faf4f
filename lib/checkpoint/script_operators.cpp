#include "checkpoint/script_operators.h"

#include <algorithm>
#include <set>

namespace lotse::checkpoint {

namespace {

// Not here though harmless at first sight: empty, empty_like, new_empty, resize_ and as_strided,
// which show memory that nobody wrote.
const std::set<std::string_view>& operators() {
  static const std::set<std::string_view> names = {
      // layers
      "torch._convolution", "torch.conv2d", "torch.convolution", "torch.conv_transpose2d",
      "torch.batch_norm", "torch.layer_norm", "torch.group_norm", "torch.linear", "torch.dropout",
      "torch.max_pool2d", "torch.avg_pool2d", "torch.adaptive_avg_pool2d",
      "torch.upsample_nearest2d", "torch.upsample_bilinear2d",
      // activations
      "torch.silu", "torch.silu_", "torch.relu", "torch.relu_", "torch.relu6", "torch.relu6_",
      "torch.hardtanh", "torch.hardtanh_", "torch.leaky_relu", "torch.leaky_relu_",
      "torch.hardswish", "torch.hardswish_", "torch.hardsigmoid", "torch.hardsigmoid_",
      "torch.gelu", "torch.gelu_", "torch.mish", "torch.mish_", "torch.elu", "torch.elu_",
      "torch.sigmoid", "torch.sigmoid_", "torch.tanh", "torch.tanh_", "torch.softplus",
      "torch.softmax", "torch.log_softmax",
      // numbers, element by element
      "torch.add", "torch.add_", "torch.sub", "torch.sub_", "torch.rsub", "torch.mul", "torch.mul_",
      "torch.div", "torch.div_", "torch.floor_divide", "torch.floordiv", "torch.remainder",
      "torch.neg", "torch.abs", "torch.exp", "torch.log", "torch.sqrt", "torch.rsqrt",
      "torch.reciprocal", "torch.square", "torch.pow", "torch.floor", "torch.ceil", "torch.round",
      "torch.clamp", "torch.clamp_", "torch.clamp_min", "torch.clamp_max", "torch.minimum",
      "torch.maximum", "torch.where", "torch.masked_fill", "torch.eq", "torch.ne", "torch.lt",
      "torch.le", "torch.gt", "torch.ge", "torch.logical_and", "torch.logical_or",
      "torch.logical_not", "torch.cos", "torch.sin", "torch.atan2", "torch.copy_", "torch.fill_",
      // products, sums, choices
      "torch.matmul", "torch.bmm", "torch.mm", "torch.addmm", "torch.baddbmm", "torch.sum",
      "torch.mean", "torch.amax", "torch.amin", "torch.max", "torch.min", "torch.argmax",
      "torch.argmin", "torch.topk", "torch.sort", "torch.gather", "torch.index",
      "torch.index_select", "torch.prod", "torch.norm", "torch.cumsum",
      // shapes
      "torch.cat", "torch.stack", "torch.split", "torch.split_with_sizes", "torch.chunk",
      "torch.unbind", "torch.slice", "torch.select", "torch.narrow", "torch.view", "torch.view_as",
      "torch.reshape", "torch.flatten", "torch.unflatten", "torch.permute", "torch.transpose",
      "torch.t", "torch.contiguous", "torch.unsqueeze", "torch.squeeze", "torch.expand",
      "torch.expand_as", "torch.meshgrid", "torch.size", "torch.numel", "torch.dim", "torch.len",
      "torch.detach", "torch.clone", "torch.alias", "torch.to", "torch.type_as", "torch.flip",
      "torch.roll", "torch.constant_pad_nd",
      // new tensors, filled
      "torch.arange", "torch.zeros", "torch.ones", "torch.full", "torch.zeros_like",
      "torch.ones_like", "torch.full_like", "torch.new_zeros", "torch.new_ones", "torch.new_full",
      "torch.scalar_tensor",
      // between numbers and tensors
      "torch.Int", "torch.IntImplicit", "torch.FloatImplicit", "torch.ScalarImplicit",
      "torch.__getitem__", "ops.prim.NumToTensor", "ops.prim.dtype", "ops.prim.device",
      "ops.prim.min", "ops.prim.max"};
  return names;
}

}  // namespace

bool is_known_operator(std::string_view name) {
  return operators().contains(name);
}

bool is_known_text(std::string_view keyword, std::string_view text) {
  if (keyword == "rounding_mode") return text == "floor" || text == "trunc";
  if (keyword == "indexing") return text == "ij";
  return keyword == "approximate" && (text == "none" || text == "tanh");
}

bool is_known_device(std::string_view text) {
  if (text == "cpu" || text == "cuda") return true;
  const auto number = text.substr(std::min<std::size_t>(text.size(), 5));
  return text.starts_with("cuda:") && !number.empty() && number.size() < 3 &&
         std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_keyword(std::string_view word) {
  static const std::set<std::string_view> words = {
      "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
      "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
      "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
      "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"};
  return words.contains(word);
}

}  // namespace lotse::checkpoint
