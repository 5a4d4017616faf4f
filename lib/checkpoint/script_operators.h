#pragma once
#include <string>
#include <string_view>

namespace lotse::checkpoint {

/// Whether an exported graph may call it: arithmetic on tensors and numbers that reads and writes
/// nothing but its arguments and gives no memory that it has not written. What our exporter writes,
/// and what torch.jit.trace makes of the field's detectors. "torch.add", "ops.prim.NumToTensor".
bool is_known_operator(std::string_view name);

/// Whether an operator may be given this text as that keyword: rounding_mode="floor".
bool is_known_text(std::string_view keyword, std::string_view text);

/// "cpu", "cuda", "cuda:0"
bool is_known_device(std::string_view text);

/// A word that begins a statement or joins expressions, and so cannot be a name.
bool is_keyword(std::string_view word);

}  // namespace lotse::checkpoint
