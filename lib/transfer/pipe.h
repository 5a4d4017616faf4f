#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lotse::transfer {

/// Bytes to and from the other side. Both functions wait; a signal of the user ends them with
/// Error(interrupted).
class Pipe {
 public:
  virtual ~Pipe() = default;
  virtual std::size_t read(char* into, std::size_t room) = 0;  ///< 0: the end
  virtual void write(std::string_view bytes) = 0;
};

/// A Pipe over two descriptors, e.g. standard input and output. It does not close them.
class DescriptorPipe : public Pipe {
 public:
  DescriptorPipe(int in, int out) : in_(in), out_(out) {}
  std::size_t read(char* into, std::size_t room) override;
  void write(std::string_view bytes) override;

 private:
  int in_;
  int out_;
};

/// Reads lines from a Pipe, and then the bytes behind them.
class LineReader {
 public:
  explicit LineReader(Pipe& pipe) : pipe_(pipe) {}
  /// The next line without its newline. Throws Error(failed) if the other side ends before the
  /// newline, and Error(invalid) for a line of more than `most` bytes.
  std::string line(std::size_t most);
  std::size_t read(char* into, std::size_t room);

 private:
  Pipe& pipe_;
  std::string buffer_;
  std::size_t at_ = 0;
};

}  // namespace lotse::transfer
