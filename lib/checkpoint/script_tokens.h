#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace lotse::checkpoint {

struct Token {
  enum class Kind {
    name,    ///< letters, digits, "_"
    number,  ///< digits, perhaps with a fraction and an exponent; never signed
    text,    ///< between double quotes, which are not part of `text`
    sign,    ///< one of ( ) [ ] , : = . - ->
  };
  Kind kind = Kind::sign;
  std::string_view text;
};

/// What stands between two line ends outside brackets.
struct ScriptLine {
  int number = 0;  ///< of the first character, from 1
  int indent = 0;  ///< spaces before it
  std::vector<Token> tokens;
};

/// The part of TorchScript's alphabet that torch.jit.save needs for a detector: ASCII letters,
/// digits, spaces, line ends, the signs above, and texts without escapes. Anything that two readers
/// could take differently (tabs, backslashes, comments, other quotes, other numbers) is refused:
/// throws Error(invalid) with the line and the character. Tokens point into `text`.
std::vector<ScriptLine> read_tokens(std::string_view text);

}  // namespace lotse::checkpoint
