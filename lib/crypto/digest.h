#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace lotse::crypto {

/// SHA-256 (FIPS 180-4) of what `update` was given, piece by piece.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::string_view bytes);
  /// 64 lower-case hexadecimal digits. Ends the computation: neither function may be called again.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// SHA-256 of `bytes` as 64 lower-case hexadecimal digits.
std::string sha256(std::string_view bytes);

/// SHA-1 as 20 bytes. It is broken as a signature and here only for a protocol that demands it (RFC
/// 6455).
std::string sha1_bytes(std::string_view bytes);

}  // namespace lotse::crypto
