#include "runner/nn/freeze.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "runner/nn/blocks.h"

namespace lotse::runner::nn {

namespace {

/// The row that a parameter or a module belongs to; -1 for the network itself.
int64_t row_of(const std::string& name) {
  const auto parts = base::split(name, '.');
  return parts.size() > 1 ? std::stoll(parts[1]) : -1;
}

}  // namespace

void freeze_rows(const torch::nn::Module& network, const std::set<int64_t>& rows) {
  if (rows.empty()) return;
  const auto parameters = network.named_parameters();
  const auto last = row_of(parameters.pairs().back().first);
  if (*rows.rbegin() > last)
    throw base::Error(
        {{"freeze", base::cat("layer ", *rows.rbegin(), " is not there: the model has 0 to ", last),
          ""}});
  bool learns = false;
  for (const auto& parameter : parameters) {
    if (rows.count(row_of(parameter.key())) > 0) parameter.value().set_requires_grad(false);
    learns = learns || parameter.value().requires_grad();
  }
  if (!learns) throw base::Error({{"freeze", "no layer is left to learn", ""}});
  for (const auto& module : network.named_modules("", false)) {
    auto* norm = dynamic_cast<BatchNorm*>(module.value().get());
    if (norm != nullptr && rows.count(row_of(module.key())) > 0) norm->frozen = true;
  }
}

}  // namespace lotse::runner::nn
