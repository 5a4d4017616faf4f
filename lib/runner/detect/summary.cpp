#include "runner/detect/summary.h"

#include "base/strings.h"
#include "runner/detect/yolo_set.h"

namespace lotse::runner::detect {

namespace {

using base::cat;
using nlohmann::json;

struct Counts {
  int64_t pictures = 0, objects = 0, unlabelled = 0;
};

Counts count(const Pictures& part) {
  Counts counts{part.count()};
  for (const auto& item : part.items()) {
    counts.objects += static_cast<int64_t>(item.boxes.size());
    counts.unlabelled += item.labelled ? 0 : 1;
  }
  return counts;
}

std::string in_words(const Counts& counts) {
  return cat(counts.pictures, " pictures, ", counts.objects, " objects",
             counts.unlabelled > 0 ? cat(", ", counts.unlabelled, " without a label file") : "");
}

json to_json(const Counts& counts) {
  return {{"pictures", counts.pictures},
          {"objects", counts.objects},
          {"without_label_file", counts.unlabelled}};
}

std::string no_objects(const char* part, const Pictures& pictures, const char* consequence) {
  const auto place = label_file(pictures.items()[0].image).string();
  return cat("the ", part, " pictures have no objects: ", consequence,
             ". The labels of the first one are looked for in ", base::printable(place));
}

}  // namespace

std::vector<contract::Event> summary(const Pictures& training, const Pictures& validation,
                                     const std::vector<std::string>& notes,
                                     const task::LeftOut& left_out) {
  const auto train = count(training), val = count(validation);
  std::vector<contract::Event> events;
  const auto warn = [&](const std::string& text) { events.push_back({"warning", text}); };
  for (const auto& note : notes) warn(note);
  events.push_back({"data",
                    cat("train: ", in_words(train), ", ", training.kept_in_words(),
                        "; val: ", in_words(val), ", ", validation.kept_in_words()),
                    {{"train", to_json(train)}, {"val", to_json(val)}}});
  for (const auto* pictures : {&training, &validation})
    if (const auto problem = pictures->problem(); !problem.empty()) warn(problem);
  if (!left_out.empty()) warn(left_out.warning());
  if (train.objects == 0) warn(no_objects("training", training, "nothing can be learned"));
  if (val.objects == 0) warn(no_objects("validation", validation, "mAP will be 0"));
  return events;
}

}  // namespace lotse::runner::detect
