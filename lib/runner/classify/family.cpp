#include "runner/classify/family.h"

#include "runner/classify/evaluator.h"
#include "runner/classify/learner.h"
#include "runner/classify/load.h"
#include "runner/classify/predictor.h"
#include "runner/task/inspect.h"

namespace lotse::runner::classify {

namespace {

class ClassService : public task::Service {
 public:
  explicit ClassService(std::unique_ptr<task::Model> model)
      : Service(std::move(model)), predictor_(task::own<ClassifyModel>(this->model())) {}

  std::vector<task::Route> routes() override {
    return {task::picture_route("/v1/classify", predictor_)};
  }

 private:
  ClassPredictor predictor_;
};

}  // namespace

std::vector<std::string> ClassifyFamily::names() const {
  return nn::names_of(architectures());
}

bool ClassifyFamily::takes(const task::Source& source) const {
  return is_classifier(source);
}

std::unique_ptr<task::Learner> ClassifyFamily::make_learner(const contract::TrainOptions& options,
                                                            const task::Place& place) const {
  return classify::make_learner(options, place);
}

std::unique_ptr<task::Model> ClassifyFamily::load(task::Source source,
                                                  const contract::EngineOptions& options) const {
  return ready_model(std::move(source), options);
}

std::unique_ptr<task::Evaluator> ClassifyFamily::make_evaluator(const contract::ValOptions& options,
                                                                const task::Place& place) const {
  return std::make_unique<ClassEvaluator>(options, place);
}

std::unique_ptr<task::Service> ClassifyFamily::make_service(
    std::unique_ptr<task::Model> model, const contract::ServeOptions& /*options*/) const {
  return std::make_unique<ClassService>(std::move(model));
}

std::unique_ptr<task::PicturePredictor> ClassifyFamily::make_predictor(
    task::Model& model, const contract::InferOptions& /*options*/) const {
  return std::make_unique<ClassPredictor>(task::own<ClassifyModel>(model));
}

task::Description ClassifyFamily::inspect(task::Source source, uint64_t seed) const {
  const auto model = load_model(source, seed);
  const auto& classifier = *model.classifier;
  return task::describe({model.source, classifier.architecture().name, model.fresh, model.names,
                         nn::parameter_count(classifier), model.tensors, classifier.layers(),
                         model.metadata});
}

}  // namespace lotse::runner::classify
