#pragma once
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "runner/task/model.h"

namespace lotse::runner::task {

/// A path of a family's own, "/v1/detect": what a POST is answered. Throws Error(invalid) for a
/// body that is not what it takes, OutputError where the model is wrong.
struct Route {
  std::string path;
  std::function<nlohmann::json(std::string_view body)> answer;
};

/// A model as a server offers it. One call at a time; signature() and routes() do not change.
class Service {
 public:
  explicit Service(std::unique_ptr<Model> model) : model_(std::move(model)) {}
  virtual ~Service() = default;
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  Model& model() { return *model_; }
  const Model& model() const { return *model_; }

  /// The tensors of the Open Inference Protocol; those of the model, unless the family makes
  /// something else of them.
  virtual Signature signature() const { return model_->signature(); }
  /// Throws OutputError for what does not fit signature().
  virtual Tensors answer(const Tensors& inputs);
  virtual std::vector<Route> routes() { return {}; }

 private:
  std::unique_ptr<Model> model_;
};

}  // namespace lotse::runner::task
