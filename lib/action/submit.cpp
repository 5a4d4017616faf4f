#include "action/submit.h"

#include <algorithm>
#include <optional>
#include <random>

#include "action/files.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/strings.h"
#include "contract/file_reference.h"
#include "crypto/digest.h"
#include "object/member.h"

namespace lotse::action {

namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;

constexpr size_t longest_name = 40;

/// Lower-case letters, digits and single dashes.
std::string as_label(const std::string& text) {
  std::string label;
  for (const char c : base::lower(text)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain)
      label += c;
    else if (!label.empty() && label.back() != '-')
      label += '-';
  }
  while (!label.empty() && label.back() == '-') label.pop_back();
  return label;
}

void check_name(const std::string& name) {
  const bool starts_right = !name.empty() && name[0] >= 'a' && name[0] <= 'z';
  if (name.size() <= longest_name && starts_right && as_label(name) == name) return;
  throw Error({{"--name", "'" + name + "' is no name for a workload",
                base::cat("at most ", longest_name,
                          " lower-case letters, digits and single '-', a letter first")}});
}

/// "a.b=1" -> {"a": {"b": 1}} laid over `values`; typed by the flag of that key, if there is one.
void apply_set(const std::vector<schema::Flag>& flags, const std::string& text,
               tmpl::FlagValues& values) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw Error({{"--set", "'" + text + "' is not KEY=VALUE", ""}});
  const auto keys = base::split(text.substr(0, equals), '.');
  const auto given = text.substr(equals + 1);
  json value = document::parse_scalar(given);
  for (const auto& flag : flags)
    if (keys.size() == 1 && flag.key == keys[0])
      if (const auto typed = schema::parse_flag(flag, given)) value = *typed;
  for (size_t i = keys.size(); i-- > 1;) value = json{{keys[i], value}};
  if (values.contains(keys[0]) && values[keys[0]].is_object() && value.is_object())
    values[keys[0]].merge_patch(value);
  else
    values[keys[0]] = value;
}

json merged_values(const tmpl::Template& from, const SubmitOptions& options) {
  std::vector<document::Document> files;
  files.reserve(options.values_files.size());
  for (const auto& file : options.values_files) files.push_back(document::read_document(file));
  tmpl::FlagValues flags;
  const auto known = from.flags();
  for (const auto& set : options.sets) apply_set(known, set, flags);
  for (const auto& [key, value] : options.flags) flags[key] = value;
  return tmpl::merge_values(from, files, flags);
}

json workload_for_template(const tmpl::Template& from, const SubmitOptions& options,
                           const std::string& name, const std::string& name_space,
                           const json& volumes) {
  return {{"name", name},
          {"namespace", name_space},
          {"labels",
           {{workload::label_managed_by, workload::managed_by},
            {workload::label_workload, name},
            {workload::label_template, from.info.name}}},
          {"image", options.image},
          {"imagePullPolicy", options.image_pull_policy},
          {"revision", "00000000"},
          {"volumes", volumes}};
}

json anchor(const json& workload, const tmpl::Template& from, const json& values) {
  json labels = workload["labels"];
  return {
      {"apiVersion", "v1"},
      {"kind", "ConfigMap"},
      {"metadata",
       {{"name", workload["name"]},
        {"labels", labels},
        {"annotations",
         {{workload::annotation_kind, from.info.name},
          {workload::annotation_revision, workload["revision"]}}}}},
      {"data",
       {{"values.json", values.dump()}, {"template", from.info.name + " " + from.info.version}}}};
}

/// What the pods of a service see: their template, and what they mount. A service can change in the
/// rest, such as its number of replicas, while its pods go on. A Job cannot change at all.
json seen_by_pods(const std::vector<json>& manifests) {
  json seen = json::array();
  for (const auto& object : manifests) {
    const json& spec = object::at(object, {"spec", "template"});
    if (spec.is_object()) seen.push_back(spec);
    for (const char* field : {"data", "binaryData"})
      if (const json& data = object::at(object, {field}); data.is_object()) seen.push_back(data);
  }
  return seen;
}

std::string revision_of(const tmpl::Template& from, const std::vector<json>& manifests) {
  constexpr size_t digits = 8;
  const bool service = from.info.kind == "service";
  return crypto::sha256((service ? seen_by_pods(manifests) : json(manifests)).dump())
      .substr(0, digits);
}

bool is_job(const json& object) {
  return object::text_at(object, {"kind"}) == "Job";
}
std::string name_of(const json& object) {
  return object::text_at(object, {"metadata", "name"});
}

/// The Jobs that an apply would run beside: running ones with other content, and those that must be
/// gone first: ended ones with the same, which Kubernetes would not run again, and all that are
/// being deleted.
struct Before {
  bool same_runs = false;
  std::vector<json> others_running;
  std::vector<json> in_the_way;
};

Before look_at(const std::string& name, const Prepared& prepared, const Snapshot& objects) {
  Before before;
  std::string wanted;
  for (const auto& object : prepared.objects)
    if (is_job(object)) wanted = name_of(object);
  for (const json* job : objects.of_kind("Job")) {
    const json& object = *job;
    Snapshot alone;
    for (const auto& other : objects)
      if (!is_job(other) || name_of(other) == name_of(object)) alone.add(other);
    const auto state = workload::state_of(name, alone);
    const bool runs = !state.ended() && state.phase != workload::Phase::lost &&
                      state.phase != workload::Phase::stopped &&
                      state.phase != workload::Phase::gone;
    const bool same = name_of(object) == wanted;
    if (object::at(object, {"metadata", "deletionTimestamp"}).is_string() || (same && !runs))
      before.in_the_way.push_back(object);
    else if (same)
      before.same_runs = true;
    else if (runs)
      before.others_running.push_back(object);
  }
  return before;
}

void check_kind(const Prepared& prepared, const Snapshot& objects) {
  const auto state = workload::state_of(prepared.name, objects);
  if (state.template_name.empty() || state.template_name == prepared.template_name) return;
  throw Error(
      ErrorKind::conflict,
      "'" + prepared.name + "' is there already, made by the template " + state.template_name,
      "choose another --name, or `lotse delete " + prepared.name + "` first");
}

Snapshot snapshot_or_nothing(Target& target, const std::string& name) {
  try {
    return target.snapshot(name);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
    return {};
  }
}

/// Null if there is none.
json anchor_in(const Snapshot& objects, const std::string& name) {
  const json* anchor = objects.find("ConfigMap", name);
  return anchor == nullptr ? json() : *anchor;
}

/// What an anchor says of the workload that it stands for.
json content_of(const json& anchor) {
  return {object::at(anchor, {"data"}),
          object::text_at(anchor, {"metadata", "annotations", workload::annotation_revision})};
}

/// The second look of a command that another one was faster than.
void check_nobody_else_changed_it(const Prepared& prepared, const json& before, const json& now) {
  const auto content = content_of(now);
  if (now.is_null() || content == content_of(before) || content == content_of(prepared.objects[0]))
    return;
  throw Error(
      ErrorKind::conflict,
      "another command changed '" + prepared.name + "' at the same moment (to revision " +
          object::text_at(now, {"metadata", "annotations", workload::annotation_revision}) + ")",
      "look at it with `lotse status " + prepared.name + "`; the same command again changes it");
}

/// What is to be done; `result` says what will have been.
Change decide(const Prepared& prepared, const std::string& version, const Snapshot& objects,
              const SubmitOptions& options, Submitted& result) {
  Change change{prepared.objects, version, {}, options.force_conflicts};
  if (objects.empty()) return change;
  check_kind(prepared, objects);
  const auto before = look_at(prepared.name, prepared, objects);
  result.attached = before.same_runs;
  if (result.attached) return change;
  if (!before.others_running.empty() && !options.replace)
    throw Error(ErrorKind::conflict,
                "'" + prepared.name + "' still runs with other values (job/" +
                    name_of(before.others_running[0]) + ")",
                "wait for it, choose another --name, or --replace it");
  for (const auto& old : before.others_running) result.replaced.push_back("job/" + name_of(old));
  for (const auto* list : {&before.others_running, &before.in_the_way})
    change.remove.insert(change.remove.end(), list->begin(), list->end());
  return change;
}

}  // namespace

std::string make_name(const std::string& template_name, const json& values) {
  std::string name = as_label(template_name);
  if (const auto model = values.find("model"); model != values.end() && model->is_string()) {
    const auto reference = model->get<std::string>();
    const auto stem = as_label(fs::path(reference).stem().string());
    if (!stem.empty()) name += "-" + stem;
  }
  constexpr size_t tail = 4;
  name = as_label(name.substr(0, longest_name - tail - 1));
  static constexpr char letters[] = "bcdfghjklmnpqrstvwxz2456789";  // makes no words
  std::random_device random;
  std::uniform_int_distribution<size_t> pick(0, sizeof letters - 2);
  name += '-';
  for (size_t i = 0; i < tail; ++i) name += letters[pick(random)];
  return name;
}

Prepared prepare(const tmpl::Template& from, const SubmitOptions& options, bool local,
                 const std::string& name_space) {
  const json values = merged_values(from, options);
  Prepared prepared;
  prepared.name = options.name.empty() ? make_name(from.info.name, values) : options.name;
  check_name(prepared.name);
  prepared.template_name = from.info.name;
  prepared.service = from.info.kind == "service";
  const auto files = resolve_files(from.flags(), values, prepared.name, local);
  prepared.values = files.values;
  prepared.folders = files.folders;
  json workload = workload_for_template(from, options, prepared.name, name_space, files.volumes);
  prepared.revision = revision_of(from, tmpl::render(from, files.values, workload));
  workload["revision"] = prepared.revision;
  prepared.objects = tmpl::render(from, files.values, workload);
  prepared.objects.insert(prepared.objects.begin(), anchor(workload, from, values));
  for (auto& object : prepared.objects) object["metadata"]["namespace"] = name_space;
  return prepared;
}

Submitted submit(Target& target, const Prepared& prepared, const SubmitOptions& options) {
  for (const auto& folder : prepared.folders) fs::create_directories(folder);
  std::optional<json> first_seen;
  while (true) {
    const auto version = target.version(prepared.name);
    const auto objects = snapshot_or_nothing(target, prepared.name);
    const auto seen = anchor_in(objects, prepared.name);
    // An anchor that the version does not know yet came while we looked.
    if (!first_seen) first_seen = version.empty() ? json() : seen;
    Submitted result;
    const auto change = decide(prepared, version, objects, options, result);
    check_nobody_else_changed_it(prepared, *first_seen, seen);
    if (result.attached || target.apply(prepared.name, change)) return result;
    base::throw_if_interrupted();
  }
}

}  // namespace lotse::action
