#include "runner/detect/inspect.h"

#include "runner/task/inspect.h"

namespace lotse::runner::detect {

task::Description inspect(const LoadedModel& model) {
  const auto& detector = *model.detector;
  auto description =
      task::describe({model.source,
                      detector.architecture().name,
                      model.fresh,
                      model.names,
                      detector.parameter_count(),
                      model.tensors,
                      detector.layers(),
                      model.metadata,
                      {{"Heads", detector.end_to_end() ? "one to one (o2o), one to many (o2m)"
                                                       : "one to many (o2m)"}}});
  description.document["end_to_end"] = detector.end_to_end();
  description.document["reg_max"] = detector.reg_max();
  description.document["strides"] = detector.strides();
  return description;
}

}  // namespace lotse::runner::detect
