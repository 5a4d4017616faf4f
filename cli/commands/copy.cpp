#include "action/copy.h"

#include <unistd.h>

#include <chrono>

#include "base/error.h"
#include "base/strings.h"
#include "cli/commands/common.h"
#include "cli/output/progress.h"
#include "object/quantity.h"

namespace lotse::cli {

namespace {

struct Options {
  Common common;
  action::CopyOptions copy;
};

std::string readable(uint64_t bytes) {
  static constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto number = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; number >= 1024 && unit + 1 < std::size(units); ++unit) number /= 1024;
  return base::fixed(number, unit == 0 ? 0 : 1) + " " + units[unit];
}

/// The progress of a transfer as event lines for the bar, ten a second and the end.
class Shown {
 public:
  explicit Shown(Progress& out) : out_(out) {}

  void step(const transfer::Progress& progress) {
    const auto now = Clock::now();
    if (progress.done < progress.total && now < next_) return;
    next_ = now + std::chrono::milliseconds(100);
    const bool checks = progress.phase == transfer::Progress::Phase::check;
    out_.line(contract::encode({"progress",
                                base::cat(checks ? "checksums of " : "", readable(progress.done),
                                          " of ", readable(progress.total), checks ? "" : " sent"),
                                {{"done", progress.done}, {"total", progress.total}}}),
              "");
  }

 private:
  using Clock = std::chrono::steady_clock;
  Progress& out_;
  Clock::time_point next_{};
};

void show(const Options& options, const action::Copied& copied, double seconds) {
  const auto& result = copied.result;
  if (options.common.json())
    return print_answer({{"volume", copied.volume},
                         {"path", copied.path},
                         {"created", copied.created},
                         {"files", result.files},
                         {"bytes", result.bytes},
                         {"sentFiles", result.sent_files},
                         {"sentBytes", result.sent_bytes},
                         {"seconds", seconds}});
  const auto known = result.files - result.sent_files;
  print(base::cat(result.sent_files, result.sent_files == 1 ? " file, " : " files, ",
                  readable(result.sent_bytes), " in ", base::fixed(seconds, 1), " s",
                  known > 0 ? base::cat("; ", known, " were there already") : "", "\n"));
}

int run_copy(Options& options, action::Copied (*copy)(action::Target&, const action::CopyOptions&,
                                                      const action::CopySinks&)) {
  const auto target = announced_target(options.common);
  options.copy.image = runner_image(options.copy.image, target->is_local());
  Progress out(false, ::isatty(STDOUT_FILENO) != 0);
  Shown shown(out);
  const bool quiet = options.common.json();
  const auto begun = std::chrono::steady_clock::now();
  const auto copied = copy(*target, options.copy,
                           {[&](const transfer::Progress& progress) {
                              if (!quiet) shown.step(progress);
                            },
                            [&](const std::string& line) {
                              if (!quiet) out.note(line);
                            }});
  out.clear();
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begun;
  show(options, copied, spent.count());
  return 0;
}

Positional argument(const std::string& name, const std::string& help, Complete complete,
                    std::function<void(const std::string&)> set) {
  Positional positional;
  positional.name = name;
  positional.help = help;
  positional.complete = complete;
  positional.set = std::move(set);
  return positional;
}

Flag image_flag(Options& options) {
  return text_flag("image", "IMAGE", "the runner's image; default: $LOTSE_IMAGE",
                   options.copy.image);
}

Flag size_flag(Options& options) {
  Flag flag =
      text_flag("size", "SIZE", "make the claim if it is missing, e.g. 10Gi", options.copy.size);
  flag.set = [&options](const std::string& given) {
    const auto size = object::Quantity::try_parse(given);
    if (!given.empty() && (!size || size->value() <= 0))
      throw base::Error(base::ErrorKind::invalid, "--size: '" + given + "' is no size of a volume",
                        "write 500Mi, 10Gi or 2Ti (powers of 1024), or 10G (of 1000)");
    options.copy.size = given;
  };
  return flag;
}

}  // namespace

Command push_command() {
  auto options = std::make_shared<Options>();
  Command command{"push", "copy a folder into a volume", long_help("push")};
  command.flags = {size_flag(*options),
                   switch_flag("shared", "pods on several nodes can mount that claim at once",
                               options->copy.shared),
                   image_flag(*options), output_flag(options->common)};
  for (auto& flag : place_flags(options->common)) command.flags.push_back(flag);
  command.positionals = {
      argument("folder", "a folder or file of this machine", Complete::file,
               [options](const std::string& given) { options->copy.folder = given; }),
      argument("place", "volume:NAME/PATH", Complete::nothing,
               [options](const std::string& given) { options->copy.place = given; })};
  command.elsewhere = {"cp", "upload"};
  command.run = [options] { return run_copy(*options, action::push); };
  return command;
}

Command fetch_command() {
  auto options = std::make_shared<Options>();
  Command command{"fetch", "copy from a volume to this machine", long_help("fetch")};
  command.flags = {image_flag(*options), output_flag(options->common)};
  for (auto& flag : place_flags(options->common)) command.flags.push_back(flag);
  command.positionals = {
      argument("place", "a workload's NAME or NAME:PATH, or volume:NAME/PATH", Complete::workload,
               [options](const std::string& given) { options->copy.place = given; }),
      argument("folder", "of this machine", Complete::folder,
               [options](const std::string& given) { options->copy.folder = given; })};
  command.elsewhere = {"cp", "download"};
  command.run = [options] { return run_copy(*options, action::fetch); };
  return command;
}

}  // namespace lotse::cli
