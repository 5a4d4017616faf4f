#include "action/connect.h"

#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "cli/commands/common.h"

namespace lotse::cli {

namespace {

struct Options {
  Common common;
  std::string name;
  std::string ports;
  std::string rank;
  action::ConnectOptions connect;
};

uint16_t port_number(const std::string& text) {
  constexpr int64_t highest = 65535;
  const auto number = text.empty() ? 0 : whole_number("the local port", text);
  if (number > highest)
    throw base::Error(base::ErrorKind::invalid, "the local port " + text + " is above 65535");
  return static_cast<uint16_t>(number);
}

/// "[LOCAL:]PORT"; a number alone means the same port on both sides, a name a free one here.
void read_ports(const std::string& text, action::ConnectOptions& into) {
  const auto colon = text.find(':');
  into.remote = colon == std::string::npos ? text : text.substr(colon + 1);
  if (into.remote == "0") into.remote.clear();
  if (colon != std::string::npos)
    into.local = port_number(text.substr(0, colon));
  else if (text.find_first_not_of("0123456789") == std::string::npos)
    into.local = port_number(text);
}

void show(const Options& options, const action::Listening& where) {
  if (options.common.json()) {
    print_answer({{"addresses", where.addresses},
                  {"url", where.url},
                  {"pod", where.pod},
                  {"port", where.remote},
                  {"forwarded", where.forwarded}});
  } else if (where.forwarded) {
    print(base::join(where.addresses, " and ") + " lead to port " + std::to_string(where.remote) +
          " of pod/" + where.pod + "\n" + where.url + "\n");
  } else {
    print("it listens on this machine already\n" + where.url + "\n");
  }
}

int run_connect(Options& options) {
  read_ports(options.ports, options.connect);
  if (!options.rank.empty()) options.connect.pod.rank = whole_number("--rank", options.rank);
  const auto target = announced_target(options.common);
  action::connect(*target, options.name, options.connect,
                  {[&](const action::Listening& where) { show(options, where); },
                   [](const std::string& problem) { base::log_warning(problem); }});
  return 0;  // as with kubectl port-forward: Ctrl-C is the only end that it has
}

}  // namespace

Command connect_command() {
  auto options = std::make_shared<Options>();
  Command command{"connect", "reach a port of a workload from this machine", long_help("connect")};
  command.flags = {
      text_flag("rank", "N", "the pod of this rank", options->rank),
      text_flag("pod", "POD", "this pod; default: a ready one", options->connect.pod.pod),
      output_flag(options->common)};
  for (auto& flag : place_flags(options->common)) command.flags.push_back(flag);
  Positional ports;
  ports.name = "port";
  ports.help =
      "[LOCAL:]PORT: a number or a name; default: the workload's first, on a free port here";
  ports.required = false;
  ports.set = [options](const std::string& given) { options->ports = given; };
  command.positionals = {workload_argument(options->name), ports};
  command.elsewhere = {"port-forward", "forward"};
  command.run = [options] { return run_connect(*options); };
  return command;
}

}  // namespace lotse::cli
