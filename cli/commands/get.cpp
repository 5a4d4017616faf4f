#include "action/get.h"

#include <cstdio>
#include <utility>

#include "base/error.h"
#include "cli/commands/common.h"
#include "cli/output/objects.h"

namespace lotse::cli {

namespace {

struct Options {
  Common common;
  action::GetQuery query;
  PrintOptions print;
  std::vector<std::string> words;
};

void note(const std::string& message) {
  std::fputs(("lotse: " + message + "\n").c_str(), stderr);
}

/// Standard output in large pieces, but at once where changes are watched.
class Pieces {
 public:
  explicit Pieces(bool at_once) : enough_(at_once ? 0 : 1 << 16) {}
  void add(const std::string& text) {
    text_ += text;
    if (text_.size() > enough_) end();
  }
  void end() { print(std::exchange(text_, "")); }

 private:
  std::size_t enough_;
  std::string text_;
};

int run_get(Options& options) {
  auto& query = options.query;
  action::take_words(query, options.words);
  query.validate();
  options.print.watch = query.watch;
  options.print.single = query.names.size() == 1;
  options.print.form = options.common.output;
  Pieces pieces(query.watch);
  const auto printer =
      make_object_printer(options.print, [&](const std::string& text) { pieces.add(text); });
  query.form = printer->form();
  query.managed_fields = printer->wants_managed_fields();
  auto sink = printer->sink();
  sink.on_note = [&](const std::string& message) {
    pieces.end();  // the two keep their order
    note(message);
  };

  const auto getter = make_getter(options.common.place);
  std::fputs(("on " + getter->describe() + "\n").c_str(),
             stderr);  // results are for other programs
  const auto count = [&] {
    try {
      return getter->get(query, sink);
    } catch (const base::Error&) {
      pieces.end();  // what came before it is shown before it
      throw;
    }
  }();
  printer->end();
  pieces.end();
  if (count == 0 && query.form != action::Form::objects)
    note(query.all_namespaces ? "no objects found"
                              : "no objects found in namespace " + getter->get_namespace());
  return 0;
}

Positional words_argument(Options& options) {
  Positional words;
  words.name = "kind";
  words.help = "KIND, KIND NAME... or KIND/NAME...";
  words.repeats = true;
  words.set = [&options](const std::string& word) { options.words.push_back(word); };
  return words;
}

}  // namespace

Command get_command() {
  auto options = std::make_shared<Options>();
  auto& query = options->query;
  Command command{"get", "objects of the API server, of any kind", long_help("get")};
  Flag labels = text_flag("selector", "LABELS", "only objects with these labels", query.labels);
  labels.letter = 'l';
  Flag all = switch_flag("all-namespaces", "of all namespaces", query.all_namespaces);
  all.letter = 'A';
  Flag watch = switch_flag("watch", "go on with every change", query.watch);
  watch.letter = 'w';
  Flag headers = switch_flag("headers", "a table begins with its headings", options->print.headers);
  headers.negatable = true;
  command.flags = {
      output_flag(options->common, object_forms()),
      labels,
      text_flag("field-selector", "FIELDS", "only objects with these fields", query.fields),
      all,
      watch,
      headers,
      switch_flag("show-managed-fields", "json and yaml with metadata.managedFields",
                  options->print.managed_fields)};
  for (auto& flag : place_flags(options->common)) command.flags.push_back(flag);
  command.positionals = {words_argument(*options)};
  command.run = [options] { return run_get(*options); };
  return command;
}

}  // namespace lotse::cli
