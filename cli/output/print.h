#pragma once
#include <string>

namespace lotse::cli {

/// Standard output, as it is. Where nobody reads it any more (as behind `| head`), the program ends
/// with 0. Throws Error(failed) if it cannot be written.
void print(const std::string& text);

}  // namespace lotse::cli
