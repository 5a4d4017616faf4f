#pragma once
#include <memory>
#include <string>

#include "runner/task/family.h"

namespace lotse::runner::infer {

/// A name, weights or an exported file, told by content. An exported file is on `device` at once
/// ("auto", "cpu", "cuda:N").
task::Source open_source(const std::string& given, const std::string& device);

/// A model and the family that it is of.
struct Opened {
  const task::Family& family;
  std::unique_ptr<task::Model> model;
};

/// What `options.model` names, loaded by its family and made fast. Throws Error(invalid) for what
/// is no model of any of them, and for a precision, a size or a device that it cannot have.
Opened open_model(const task::Families& families, const contract::EngineOptions& options);

}  // namespace lotse::runner::infer
