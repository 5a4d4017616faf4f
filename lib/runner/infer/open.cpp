#include "runner/infer/open.h"

#include "contract/file_reference.h"
#include "runner/device.h"
#include "runner/infer/torchscript.h"

namespace lotse::runner::infer {

task::Source open_source(const std::string& given, const std::string& device) {
  if (!is_torchscript(given)) return task::read_source(given);
  task::Source source;
  source.given = given;
  source.graph = read_graph(given, choose_device(device));
  return source;
}

Opened open_model(const task::Families& families, const contract::EngineOptions& options) {
  auto source = open_source(contract::resolve_file(options.model).string(), options.device);
  const auto& family = task::family_of(families, source);
  auto model = family.load(std::move(source), options);
  model->network().pack();
  return {family, std::move(model)};
}

}  // namespace lotse::runner::infer
