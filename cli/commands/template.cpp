#include <algorithm>

#include "action/init_template.h"
#include "action/prepare.h"
#include "base/error.h"
#include "base/strings.h"
#include "cli/commands/common.h"
#include "cli/commands/template_path.h"
#include "cli/output/table.h"
#include "document/write.h"
#include "template/hints.h"
#include "template/jsone.h"

namespace lotse::cli {

namespace {

struct Options {
  Common common;
  std::string which;
  std::string path;  ///< --template-path
  action::PrepareOptions prepare;
  bool local = false;
};

struct Listed {
  tmpl::Candidate from;
  tmpl::TemplateInfo info;
  bool hidden = false;  ///< by one of that name before it
};

/// One that cannot be read is listed, with what is wrong with it.
tmpl::TemplateInfo info_of(const tmpl::Candidate& one) {
  try {
    auto info = tmpl::load_template(one.reference()).info;
    info.name = one.name;
    return info;
  } catch (const base::Error& error) {
    return {one.name, "", "", std::string("is broken: ") + error.what(), ""};
  }
}

std::vector<Listed> all_templates(const Options& options) {
  std::vector<Listed> all;
  for (const auto& one : tmpl::candidates(template_folders(options.path))) {
    const bool hidden = std::any_of(
        all.begin(), all.end(), [&](const Listed& other) { return other.from.name == one.name; });
    all.push_back({one, info_of(one), hidden});
  }
  return all;
}

int list_templates(const Options& options) {
  const auto templates = all_templates(options);
  if (options.common.json()) {
    nlohmann::json all = nlohmann::json::array();
    for (const auto& [from, info, hidden] : templates)
      all.push_back({{"name", info.name},
                     {"kind", info.kind},
                     {"version", info.version},
                     {"help", info.help},
                     {"from", from.place()},
                     {"hidden", hidden}});
    print_answer({{"templates", all}});
    return 0;
  }
  Table table({"NAME", "KIND", "VERSION", "FROM", "WHAT IT DOES"});
  for (const auto& [from, info, hidden] : templates)
    table.add({info.name, info.kind, info.version, from.place() + (hidden ? " (hidden)" : ""),
               info.help.substr(0, info.help.find('\n'))});
  print(table.text());
  return 0;
}

std::vector<document::Document> fragments_of(const tmpl::Template& one) {
  std::vector<document::Document> documents;
  documents.reserve(one.fragments.size());
  for (const auto& [unused, fragment] : one.fragments) documents.push_back(fragment);
  return documents;
}

nlohmann::json files_as_json(const std::vector<document::Document>& documents) {
  nlohmann::json files = nlohmann::json::array();
  for (const auto& document : documents)
    files.push_back({{"file", document.file}, {"content", document.value}});
  return files;
}

int show_template(const Options& options) {
  const auto one = tmpl::load_template(chosen_template(options.which, options.path));
  const nlohmann::json head = {{"name", one.info.name},       {"kind", one.info.kind},
                               {"version", one.info.version}, {"mode", one.info.mode},
                               {"help", one.info.help},       {"schema", one.schema}};
  const auto fragments = fragments_of(one);
  if (options.common.json()) {
    nlohmann::json all = head;
    all["manifests"] = files_as_json(one.manifests);
    all["fragments"] = files_as_json(fragments);
    print_answer(all);
    return 0;
  }
  std::string text = "# template.yaml\n" + document::write_yaml(head);
  for (const auto* documents : {&one.manifests, &fragments})
    for (const auto& document : *documents)
      text += "---\n# " + document.file + "\n" + document::write_yaml(document.value);
  print(text);
  return 0;
}

int render_template(Options& options) {
  const auto one = tmpl::load_template(chosen_template(options.which, options.path));
  if (options.prepare.image.empty()) options.prepare.image = "lotse-runner:" LOTSE_VERSION;
  if (options.prepare.name.empty())
    options.prepare.name = one.info.name;  // the same input, the same output
  const auto& name_space = options.common.place.name_space;
  const auto prepared = action::prepare(one, options.prepare, options.common.place.on == "local",
                                        name_space.empty() ? "default" : name_space);
  return print_objects(options.common, prepared);
}

Positional template_argument(const std::shared_ptr<Options>& options) {
  Positional which;
  which.name = "template";
  which.help = "a template's name, or a folder (with a '/')";
  which.complete = Complete::template_name;
  which.set = [options](const std::string& given) { options->which = given; };
  return which;
}

Command render_command() {
  auto options = std::make_shared<Options>();
  Command render{"render", "print the objects that a template and values make; nothing is applied",
                 ""};
  const Flag values = values_flag(options->prepare.values_files,
                                  "values from a YAML or JSON file; -: standard input");
  Flag set = text_flag("set", "KEY=VALUE", "one value", options->which);
  set.repeats = true;
  set.set = [options](const std::string& text) { options->prepare.sets.push_back(text); };
  Flag on = text_flag("on", "WHERE", "local: paths of this machine are allowed",
                      options->common.place.on);
  on.choices = {"local", "cluster"};
  Flag name_space =
      text_flag("namespace", "NAME", "namespace of the objects", options->common.place.name_space);
  name_space.letter = 'n';
  name_space.standard = "default";
  render.flags = {template_path_flag(options->path),
                  values,
                  set,
                  text_flag("name", "NAME", "the workload's name; default: the template's",
                            options->prepare.name),
                  text_flag("image", "IMAGE", "the runner's image", options->prepare.image),
                  on,
                  name_space,
                  output_flag(options->common, {"yaml", "json"})};
  render.positionals = {template_argument(options)};
  render.run = [options] { return render_template(*options); };
  return render;
}

int init_template(const Options& options, const std::string& from) {
  const auto files = action::init_template(options.which, chosen_template(from, options.path));
  const auto folder =
      options.which.find('/') == std::string::npos ? "./" + options.which : options.which;
  const auto in = [&](const std::string& part) {
    return std::count_if(files.begin(), files.end(),
                         [&](const std::string& file) { return file.starts_with(part); });
  };
  const std::vector<std::pair<std::string, std::string>> next = {
      {"edit " + folder + "/template.yaml", "its values, which become flags"},
      {"edit " + folder + "/manifests", "what they make: JSON-e over YAML"},
      {"lotse template lint " + folder, "is it right"},
      {"lotse run " + folder + " --help", "its flags"},
      {"lotse template init --help", "how a value is added"}};
  size_t width = 0;
  for (const auto& [what, unused] : next) width = std::max(width, what.size());
  std::string text = base::cat("made ", folder, ": template.yaml, ", in("manifests/"),
                               " manifests, and in shared ", in("shared/"),
                               " fragments that they include\n\nnext:\n");
  for (const auto& [what, why] : next)
    text += "  " + what + std::string(width - what.size() + 4, ' ') + why + "\n";
  print(text);
  return 0;
}

Command init_command() {
  auto options = std::make_shared<Options>();
  auto from = std::make_shared<std::string>("job");
  Command init{"init", "a template of your own, copied from one that there is", long_help("init")};
  Flag source = text_flag("from", "NAME", "the template to begin with", *from);
  source.standard = *from;
  source.complete = Complete::template_name;
  init.flags = {source, template_path_flag(options->path)};
  Positional folder;
  folder.name = "folder";
  folder.help = "the folder to make, which gives the template its name";
  folder.complete = Complete::folder;
  folder.set = [options](const std::string& given) { options->which = given; };
  init.positionals = {folder};
  init.run = [options, from] { return init_template(*options, *from); };
  return init;
}

/// An expression language's answer, for whoever writes manifests and for tests.
int evaluate(const Options& options, const std::string& file, const std::string& now) {
  const auto source = document::read_document(options.which);
  auto context = file.empty() ? nlohmann::json::object() : document::read_document(file).value;
  if (context.is_null()) context = nlohmann::json::object();
  if (!context.is_object()) throw base::Error({{file, "must be a mapping of variables", ""}});
  if (!now.empty()) context["now"] = now;
  nlohmann::json result;
  try {
    result = tmpl::jsone::render(source.value, context);
  } catch (const tmpl::jsone::Error& error) {
    std::vector<std::string> names;
    for (const auto& [name, unused] : context.items()) names.push_back(name);
    throw base::Error({{source.where(error.pointer), error.what(),
                        tmpl::hint_for(error, source.value, std::move(names))}});
  }
  if (options.common.json())
    print_foreign_json(result);
  else
    print(document::write_yaml(result));
  return 0;
}

Command eval_command() {
  auto options = std::make_shared<Options>();
  auto file = std::make_shared<std::string>();
  auto now = std::make_shared<std::string>();
  Command eval{"eval", "what a file of JSON-e becomes; nothing is applied", long_help("eval")};
  Flag context = text_flag("filename", "CONTEXT", "YAML or JSON file with the variables", *file);
  context.letter = 'f';
  context.elsewhere = {"file", "values", "context"};
  context.complete = Complete::file;
  Flag time =
      text_flag("now", "TIME", "what $fromNow counts from, such as 2026-01-31T12:00:00Z", *now);
  eval.flags = {context, time, output_flag(options->common, {"yaml", "json"})};
  Positional source;
  source.name = "template";
  source.help = "YAML or JSON file in JSON-e; -: standard input";
  source.complete = Complete::file;
  source.set = [options](const std::string& given) { options->which = given; };
  eval.positionals = {source};
  eval.run = [options, file, now] { return evaluate(*options, *file, *now); };
  return eval;
}

}  // namespace

Command template_command() {
  auto options = std::make_shared<Options>();
  Command list{"list", "the templates that there are, by name", ""};
  list.flags = {template_path_flag(options->path), output_flag(options->common)};
  list.run = [options] { return list_templates(*options); };
  auto shown = std::make_shared<Options>();
  Command show{"show", "a template's schema and manifests", ""};
  show.flags = {template_path_flag(shown->path), output_flag(shown->common, {"yaml", "json"})};
  show.positionals = {template_argument(shown)};
  show.run = [shown] { return show_template(*shown); };
  Command command{"template", "what the verbs render", long_help("template")};
  command.subcommands = {list,           show,           render_command(),
                         init_command(), lint_command(), eval_command()};
  return command;
}

}  // namespace lotse::cli
