#include "runner/task/family.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "runner/nn/architecture.h"

namespace lotse::runner::task {

namespace {

[[noreturn]] void refuse(const Family& family, const char* what) {
  throw base::Error(base::ErrorKind::invalid,
                    base::cat("a model for the task '", family.task(), "' ", what));
}

}  // namespace

std::unique_ptr<Service> Family::make_service(std::unique_ptr<Model> model,
                                              const contract::ServeOptions& /*options*/) const {
  return std::make_unique<Service>(std::move(model));
}

std::unique_ptr<PicturePredictor> Family::make_predictor(
    Model& /*model*/, const contract::InferOptions& /*options*/) const {
  refuse(*this, "takes no pictures: `lotse serve` takes its tensors");
}

Description Family::inspect(Source /*source*/, uint64_t /*seed*/) const {
  refuse(*this, "has no rows to show");
}

const Family& family_of(const Families& families, const Source& source) {
  const auto found = std::find_if(families.begin(), families.end(),
                                  [&](const auto& family) { return family->takes(source); });
  if (found == families.end() && source.is_name()) {
    std::vector<std::string> names;
    for (const auto& family : families)
      for (auto& name : family->names()) names.push_back(std::move(name));
    throw nn::no_architecture(source.given, names);
  }
  return found == families.end() ? *families.at(0) : **found;
}

}  // namespace lotse::runner::task
