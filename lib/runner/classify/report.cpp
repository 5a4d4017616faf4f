#include "runner/classify/report.h"

#include <cmath>

#include "base/strings.h"
#include "runner/media/draw.h"

namespace lotse::runner::classify {

using base::cat;
using nlohmann::json;

namespace {

json part_to_json(const std::vector<std::string>& names, const std::vector<Item>& items) {
  std::vector<int64_t> counts(names.size());
  for (const auto& item : items) ++counts[static_cast<size_t>(item.class_id)];
  json classes = json::array();
  for (size_t c = 0; c < names.size(); ++c)
    classes.push_back({{"name", names[c]}, {"pictures", counts[c]}});
  return {{"pictures", items.size()}, {"classes", classes}};
}

std::string line_of(const Guess& guess, const std::vector<std::string>& names) {
  return cat(names[static_cast<size_t>(guess.first)], " ", base::fixed(guess.second, 2));
}

}  // namespace

contract::Event data_event(const std::vector<std::string>& names, const TrainingPictures& train,
                           const Squares& val) {
  return {
      "data",
      cat("train: ", train.count(), " pictures, ", train.kept_in_words(), "; val: ", val.count(),
          " pictures, ", val.kept_in_words(), "; ", names.size(), " classes"),
      {{"train", part_to_json(names, train.items())}, {"val", part_to_json(names, val.items())}}};
}

json to_json(const std::vector<Guess>& guesses, const std::vector<std::string>& names) {
  json list = json::array();
  for (const auto& [class_id, confidence] : guesses)
    list.push_back({{"class", class_id},
                    {"name", names[static_cast<size_t>(class_id)]},
                    {"confidence", std::nearbyint(static_cast<double>(confidence) * 1e4) / 1e4}});
  return list;
}

std::string describe(const std::vector<Guess>& guesses, const std::vector<std::string>& names) {
  std::vector<std::string> parts;
  for (const auto& guess : guesses) parts.push_back(line_of(guess, names));
  return base::printable(base::join(parts, ", "));
}

void annotate(media::Image& image, const std::vector<Guess>& guesses,
              const std::vector<std::string>& names) {
  std::vector<std::string> lines;
  for (const auto& guess : guesses) lines.push_back(line_of(guess, names));
  media::draw_lines(image, lines, media::class_colour(guesses.empty() ? 0 : guesses[0].first));
}

}  // namespace lotse::runner::classify
