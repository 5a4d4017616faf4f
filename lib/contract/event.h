#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace lotse::contract {

/// One line that the runner prints. As JSON (LOTSE_EVENTS=json):
///   {"event": TYPE, "message": TEXT, ...fields}
/// As text: the message alone. A terminal shows `progress` as a bar; plain output shows what
/// ProgressLines lets through.
///
/// Types and their fields:
///   data        train, val {pictures, objects, without_label_file}: what a data set holds
///   start       mode, model, device, world_size, rank, ...
///   progress    phase ("epoch 1/24", "validate", "load", ...), done, total, unit, per_second,
///               eta_seconds (to the end of the phase), run_eta_seconds (to the end of the run;
///               training alone), metrics {name: number}; of one of several workers that share
///               the pictures: workers, all (`total` of all shares)
///   step        step, loss, items {name: number}: one optimizer step (only with --log-steps)
///   epoch       epoch, epochs, losses {..}, the family's metrics (map50, map50_95), seconds,
///               train_seconds, data_seconds (waiting for pictures)
///   finding     where, problem, left_out (row, picture, entry): of `dataset check`
///   detections  image, width, height, detections [{box: [x1,y1,x2,y2], class, name, confidence}]
///   classes     image, width, height, classes [{class, name, confidence}]: of a classifier
///   saved       path, what
///   ready       url
///   warning     (message alone)
///   result      what the mode yields: the last line of a run that worked; of `val` metrics {name:
///               number}, confidence, classes [{name, objects, precision, recall, map50,
///               map50_95}], confusion (detect/confusion.h), ms_per_picture, compared; of `train`
///               best, last, best_epoch, data_seconds, ...; of `dataset check` findings, and of
///               each part that there is pictures, objects, without_label_file, classes [{name,
///               objects}]; of `dataset split` data, and of each part pictures, classes [{name,
///               objects, pictures}]; of `infer` images, and with --output path, found; of
///               `dataset convert` data, pictures, objects, left_out
///   error       exit_code, hint: the last line of a run that did not
/// With -o json `lotse` adds pod, rank and time to each, and makes an event `output` of each line
/// that is none, as libraries print them.
struct Event {
  std::string type;
  std::string message;                               ///< for people, one line or several
  nlohmann::json fields = nlohmann::json::object();  ///< neither "event" nor "message"
};

std::string encode(const Event& event);              ///< one JSON line without the newline
std::optional<Event> decode(std::string_view line);  ///< nothing if the line is not an event

}  // namespace lotse::contract
