#include "action/history.h"

#include <algorithm>

#include "action/status.h"
#include "base/error.h"
#include "base/log.h"
#include "base/number.h"
#include "base/strings.h"
#include "object/applied.h"
#include "object/member.h"
#include "object/pod_template.h"
#include "object/reference.h"
#include "object/run_name.h"

namespace lotse::action {

namespace {

using base::Error;
using base::ErrorKind;

std::string annotation(const json& anchor, const char* name) {
  return object::text_at(anchor, {"metadata", "annotations", name});
}

/// The object as a template rendered it, out of what the server has of it.
json as_rendered(const json& live, const std::string& content) {
  json object = object::applied_by(live, "lotse");
  object["metadata"].erase("ownerReferences");
  object["metadata"]["namespace"] = object::text_at(live, {"metadata", "namespace"});
  const json::json_pointer run("/spec/template/metadata/annotations");
  if (object.contains(run) && object.at(run).contains(object::annotation_run))
    object.at(run).at(object::annotation_run) = content;
  return object;
}

/// "train 1.0.0" of the anchor, in two.
std::pair<std::string, std::string> template_of(const json& anchor) {
  const auto text = object::text_at(anchor, {"data", "template"});
  const auto blank = text.find(' ');
  return blank == std::string::npos ? std::pair(text, std::string())
                                    : std::pair(text.substr(0, blank), text.substr(blank + 1));
}

release::Revision unrecorded(const json& anchor, const Snapshot& objects) {
  release::Revision found{.number = 1};
  found.content = annotation(anchor, workload::annotation_revision);
  found.cause = "found";
  found.time = object::text_at(anchor, {"metadata", "creationTimestamp"});
  std::tie(found.template_name, found.template_version) = template_of(anchor);
  found.template_kind = objects.of_kind("Deployment").empty() ? "job" : "service";
  found.values = json::parse(object::text_at(anchor, {"data", "values.json"}), nullptr, false);
  if (!found.values.is_object()) found.values = nullptr;  // a damaged text must not be recorded
  for (const auto& object : objects)
    if (object::uid_of(object) != object::uid_of(anchor))
      found.objects.push_back(as_rendered(object, found.content));
  return found;
}

/// As release::to_secret names it; 0 for another name.
int64_t number_of(const json& secret) {
  const auto name = object::name_of(secret);
  const auto mark = name.rfind(".r");
  return mark == std::string::npos ? 0 : base::to_integer(name.substr(mark + 2)).value_or(0);
}

std::string numbers_of(const History& history) {
  std::vector<std::string> numbers;
  for (const auto& revision : history.revisions) numbers.push_back(std::to_string(revision.number));
  return base::join(numbers, ", ");
}

/// Of the first container that a revision runs.
std::string image_of(const release::Revision& revision) {
  for (const auto& object : revision.objects)
    for (const auto& container : object::list_at(object::pod_template(object).spec, {"containers"}))
      return object::text_at(container, {"image"});
  return "";
}

}  // namespace

const release::Revision* History::find(int64_t number) const {
  const auto found = std::find_if(revisions.begin(), revisions.end(),
                                  [&](const auto& each) { return each.number == number; });
  return found == revisions.end() ? nullptr : &*found;
}

History history_of(const std::string& name, const Written& written) {
  History history;
  const json* anchor = written.objects.find("ConfigMap", name);
  if (anchor == nullptr || written.version.empty()) return history;
  for (const auto& secret : written.revisions) {
    history.last = std::max(history.last, number_of(secret));
    try {
      history.revisions.push_back(release::from_secret(secret));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::failed) throw;
      base::log_warning(std::string(error.what()) + "; it is left out");
    }
  }
  std::sort(history.revisions.begin(), history.revisions.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  const auto number = base::to_integer(annotation(*anchor, workload::annotation_number));
  history.current = number.value_or(1);
  history.cause = annotation(*anchor, workload::annotation_cause);
  history.unfinished = !annotation(*anchor, workload::annotation_writing).empty();
  history.recorded = number || !history.revisions.empty();
  if (!history.recorded) {
    history.revisions.push_back(unrecorded(*anchor, written.objects));
    history.last = 1;
  }
  return history;
}

Workload look_up(Target& target, const std::string& name) {
  auto written = target.written(name, {});
  if (written.version.empty()) status(target, name);  // says that it is not there
  auto history = history_of(name, written);
  return {std::move(written), std::move(history)};
}

json secret_of(const Prepared& prepared, const release::Revision& revision) {
  json secret = release::to_secret(revision, prepared.name,
                                   object::at(anchor_of(prepared), {"metadata", "labels"}));
  secret["metadata"]["namespace"] = prepared.name_space;
  return secret;
}

Prepared recorded(Target& target, const std::string& name, const History& history, int64_t number) {
  const auto wanted = number == 0 ? history.current : number;
  const auto* revision = history.find(wanted);
  if (revision == nullptr)
    throw Error(ErrorKind::invalid,
                base::cat("'", name, "' has no revision ", wanted, " that is kept"),
                history.revisions.empty()
                    ? "none is recorded"
                    : "there are " + numbers_of(history) + ": `lotse history " + name + "`");
  return {.name = name, .name_space = target.target_namespace(), .revision = *revision};
}

Prepared with_values(Target& target, const std::string& name, const release::Revision& revision,
                     const tmpl::Template& from,
                     const std::vector<std::filesystem::path>& values_files) {
  PrepareOptions options{.name = name, .image = image_of(revision), .values_files = values_files};
  return prepare(from, options, target.is_local(), target.target_namespace());
}

}  // namespace lotse::action
