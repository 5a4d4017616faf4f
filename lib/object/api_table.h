#pragma once

namespace lotse::object {

/// What the objects of the Kubernetes API may hold, as api_table.py writes it and says. It is text,
/// which costs nothing before somebody asks.
extern const char* const api_table;

}  // namespace lotse::object
