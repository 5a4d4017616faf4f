#include "runner/detect/family.h"

#include "runner/detect/evaluator.h"
#include "runner/detect/inspect.h"
#include "runner/detect/judge.h"
#include "runner/detect/learner.h"
#include "runner/detect/service.h"

namespace lotse::runner::detect {

std::vector<std::string> DetectFamily::names() const {
  return nn::names_of(nn::architectures());
}

bool DetectFamily::takes(const task::Source& source) const {
  return is_detector(source);
}

std::unique_ptr<task::Learner> DetectFamily::make_learner(const contract::TrainOptions& options,
                                                          const task::Place& place) const {
  return detect::make_learner(options, place);
}

std::unique_ptr<task::Model> DetectFamily::load(task::Source source,
                                                const contract::EngineOptions& options) const {
  return ready_model(std::move(source), options);
}

std::vector<std::string> DetectFamily::metrics() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : metrics_of({})) names.push_back(name);
  return names;
}

std::unique_ptr<task::Evaluator> DetectFamily::make_evaluator(const contract::ValOptions& options,
                                                              const task::Place& place) const {
  return std::make_unique<BoxEvaluator>(options, place);
}

std::unique_ptr<task::Service> DetectFamily::make_service(
    std::unique_ptr<task::Model> model, const contract::ServeOptions& options) const {
  return std::make_unique<BoxService>(std::move(model), selection_of(options));
}

std::unique_ptr<task::PicturePredictor> DetectFamily::make_predictor(
    task::Model& model, const contract::InferOptions& options) const {
  auto selection = selection_of(options);
  selection.classes = options.classes;
  return std::make_unique<BoxPredictor>(task::own<DetectModel>(model), std::move(selection));
}

task::Description DetectFamily::inspect(task::Source source, uint64_t seed) const {
  return detect::inspect(load_model(source, seed));
}

}  // namespace lotse::runner::detect
