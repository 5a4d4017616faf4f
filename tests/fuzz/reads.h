#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/error.h"

using Kind = lotse::base::ErrorKind;

/// A reader must take any bytes or refuse them with an Error of a kind that it names; anything else
/// is a finding.
template <class Read>
int takes_or_refuses(Read&& read, std::initializer_list<Kind> refusals = {Kind::invalid}) {
  try {
    read();
  } catch (const lotse::base::Error& error) {
    for (const auto kind : refusals)
      if (error.kind() == kind) return 0;
    throw;
  }
  return 0;
}

inline std::string_view as_text(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Checks something that must hold for every input.
inline void must_hold(bool law) {
  if (!law) std::abort();
}
