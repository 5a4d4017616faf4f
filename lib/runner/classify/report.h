#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "contract/event.h"
#include "runner/classify/pictures.h"
#include "runner/media/codec.h"

namespace lotse::runner::classify {

/// What a data set holds, for people to see before hours are spent on it: the event "data".
contract::Event data_event(const std::vector<std::string>& names, const TrainingPictures& train,
                           const Squares& val);

/// A class and its probability.
using Guess = std::pair<int64_t, float>;

/// [{"class", "name", "confidence"}], confidence to 1e-4.
nlohmann::json to_json(const std::vector<Guess>& guesses, const std::vector<std::string>& names);

/// "dog 0.93, cat 0.05"
std::string describe(const std::vector<Guess>& guesses, const std::vector<std::string>& names);

/// A line for each in the picture's upper left corner.
void annotate(media::Image& image, const std::vector<Guess>& guesses,
              const std::vector<std::string>& names);

}  // namespace lotse::runner::classify
