#pragma once
#include <termios.h>

#include <utility>

namespace lotse::cli {

/// Columns and rows of the terminal behind a descriptor; 80 and 24 if it has none.
std::pair<int, int> terminal_size(int fd);

/// A terminal that passes on every key as it is. The destructor brings it back, and so does a
/// signal that ends the program; SIGKILL alone does not. One at a time.
class RawTerminal {
 public:
  explicit RawTerminal(int fd);
  ~RawTerminal();
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;
  int resized() const;  ///< becomes readable when the size has changed (SIGWINCH)

 private:
  int fd_;
};

}  // namespace lotse::cli
