#pragma once
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "contract/options.h"
#include "runner/task/learner.h"
#include "runner/task/model.h"
#include "runner/task/pictures.h"
#include "runner/task/service.h"
#include "runner/task/source.h"

namespace lotse::runner::task {

/// How good a model is.
struct Evaluation {
  std::vector<std::pair<std::string, double>> metrics;  ///< as Family::metrics()
  nlohmann::json details;  ///< members of the result event: by class, confusion, speed
  std::string text;        ///< the same for people
};

/// Judges models by one set of data, which is read once.
class Evaluator {
 public:
  virtual ~Evaluator() = default;
  /// `model` is of the same family. Throws Error(invalid) where it does not belong to the data,
  /// Error(interrupted) on a signal.
  virtual Evaluation evaluate(Model& model) = 0;
};

/// A model for people: `lotse-runner inspect`.
struct Description {
  std::string text;
  nlohmann::json document;
};

/// The port between the modes and a family of models. Families stand in one list, and nothing but
/// that list names them: cli/runner/families.h. What a family lacks it refuses. Functions throw
/// base::Error; of the options each takes what is its own.
class Family {
 public:
  virtual ~Family() = default;
  /// "detect": in the metadata of weights and exported files.
  virtual std::string task() const = 0;
  /// The names of its architectures, "yolo26n".
  virtual std::vector<std::string> names() const = 0;
  /// Whether a name, a file's task or, where it says none, its tensors are this family's.
  virtual bool takes(const Source& source) const = 0;

  virtual std::unique_ptr<Learner> make_learner(const contract::TrainOptions& options,
                                                const Place& place) const = 0;
  /// A model in the form in which it can be traced; Network::pack() makes it faster.
  virtual std::unique_ptr<Model> load(Source source,
                                      const contract::EngineOptions& options) const = 0;

  /// The names of what `val` measures; the last one is what counts where nobody says otherwise.
  virtual std::vector<std::string> metrics() const = 0;
  virtual std::unique_ptr<Evaluator> make_evaluator(const contract::ValOptions& options,
                                                    const Place& place) const = 0;

  virtual std::unique_ptr<Service> make_service(std::unique_ptr<Model> model,
                                                const contract::ServeOptions& options) const;
  /// `model` must outlive it.
  virtual std::unique_ptr<PicturePredictor> make_predictor(
      Model& model, const contract::InferOptions& options) const;
  virtual Description inspect(Source source, uint64_t seed) const;
};

using Families = std::vector<std::shared_ptr<const Family>>;

/// The family that takes it. Throws Error(invalid) for a name that none has; of a file that none
/// takes it is the first one, which says what is wrong.
const Family& family_of(const Families& families, const Source& source);

/// A model in its family's own type. It is, where the family has loaded it itself.
template <class Own>
Own& own(Model& model) {
  return dynamic_cast<Own&>(model);
}

}  // namespace lotse::runner::task
