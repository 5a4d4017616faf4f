#pragma once
#include <memory>
#include <string>

#include "runner/detect/model.h"
#include "runner/infer/open.h"

/// Detectors for tests.
namespace lotse::runner {

inline contract::EngineOptions engine_options(const std::string& model, int64_t imgsz = 0,
                                              int64_t seed = 0, const std::string& head = "auto",
                                              const std::string& precision = "fp32") {
  contract::EngineOptions options;
  options.model = model;
  options.imgsz = imgsz;
  options.seed = seed;
  options.head = head;
  options.precision = precision;
  options.device = "cpu";
  return options;
}

/// Not packed.
inline std::unique_ptr<detect::DetectModel> detector(const contract::EngineOptions& options) {
  return detect::ready_model(infer::open_source(options.model, options.device), options);
}

}  // namespace lotse::runner
