#pragma once
#include <cstddef>
#include <cstdint>

#include "base/error.h"

/// A reader must take any bytes or refuse them with an Error(invalid); anything else is a finding.
template <class Read>
int takes_or_refuses(Read&& read) {
  try {
    read();
  } catch (const lotse::base::Error& error) {
    if (error.kind() != lotse::base::ErrorKind::invalid) throw;
  }
  return 0;
}
