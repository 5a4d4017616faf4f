#include "action/submit.h"

#include <algorithm>
#include <random>

#include "action/files.h"
#include "base/error.h"
#include "base/strings.h"
#include "contract/file_reference.h"
#include "crypto/digest.h"
#include "workload/pod.h"

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

std::string revision_of(const std::vector<json>& manifests) {
  constexpr size_t digits = 8;
  return crypto::sha256(json(manifests).dump()).substr(0, digits);
}

bool is_job(const json& object) {
  return workload::text_at(object, {"kind"}) == "Job";
}
std::string name_of(const json& object) {
  return workload::text_at(object, {"metadata", "name"});
}

/// The Jobs that an apply would run beside: running ones with other content, and ended ones with
/// the same, which Kubernetes would not run again.
struct Before {
  bool same_runs = false;
  std::vector<json> others_running;
  std::vector<json> same_ended;
};

Before look_at(const std::string& name, const Prepared& prepared, const Snapshot& objects) {
  Before before;
  std::string wanted;
  for (const auto& object : prepared.objects)
    if (is_job(object)) wanted = name_of(object);
  for (const auto& object : objects) {
    if (!is_job(object)) continue;
    Snapshot alone;
    std::copy_if(objects.begin(), objects.end(), std::back_inserter(alone), [&](const json& other) {
      return !is_job(other) || name_of(other) == name_of(object);
    });
    const auto state = workload::state_of(name, alone);
    const bool runs = !state.ended() && state.phase != workload::Phase::lost &&
                      state.phase != workload::Phase::stopped &&
                      state.phase != workload::Phase::gone;
    const bool same = name_of(object) == wanted;
    if (same && runs) before.same_runs = true;
    if (same && !runs) before.same_ended.push_back(object);
    if (!same && runs) before.others_running.push_back(object);
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
  prepared.revision = revision_of(tmpl::render(from, files.values, workload));
  workload["revision"] = prepared.revision;
  prepared.objects = tmpl::render(from, files.values, workload);
  prepared.objects.insert(prepared.objects.begin(), anchor(workload, from, values));
  for (auto& object : prepared.objects) object["metadata"]["namespace"] = name_space;
  return prepared;
}

Submitted submit(Target& target, const Prepared& prepared, bool replace) {
  Submitted result;
  Snapshot objects;
  try {
    objects = target.snapshot(prepared.name);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
  }
  if (!objects.empty()) {
    check_kind(prepared, objects);
    const auto before = look_at(prepared.name, prepared, objects);
    if (before.same_runs) {
      result.attached = true;
      return result;
    }
    if (!before.others_running.empty() && !replace)
      throw Error(ErrorKind::conflict,
                  "'" + prepared.name + "' still runs with other values (job/" +
                      name_of(before.others_running[0]) + ")",
                  "wait for it, choose another --name, or --replace it");
    for (const auto& old : before.others_running) result.replaced.push_back("job/" + name_of(old));
    for (const auto* list : {&before.others_running, &before.same_ended})
      for (const auto& old : *list) target.remove_object(prepared.name, old);
  }
  for (const auto& folder : prepared.folders) fs::create_directories(folder);
  target.apply(prepared.name, prepared.objects, false);
  return result;
}

}  // namespace lotse::action
