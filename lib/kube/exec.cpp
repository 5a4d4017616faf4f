#include "kube/exec.h"

#include <charconv>

#include "base/error.h"
#include "base/strings.h"
#include "object/reference.h"

namespace lotse::kube {

namespace {

using base::Error;
using base::ErrorKind;

constexpr auto protocol = "v5.channel.k8s.io";

// The channels of the protocol.
enum Channel : unsigned char {
  channel_input = 0,
  channel_output = 1,
  channel_error = 2,
  channel_status = 3,
  channel_resize = 4,
  channel_close = 255,  // its payload is the channel that ends
};

std::string on_channel(Channel channel, std::string_view payload) {
  std::string message(1, static_cast<char>(channel));
  return message.append(payload);
}

/// The exit code that a Status of reason NonZeroExitCode carries as a cause.
std::optional<int> code_in(const json& status) {
  const json::json_pointer at("/details/causes");
  if (status.value("reason", "") != "NonZeroExitCode" || !status.contains(at)) return {};
  for (const auto& cause : status.at(at)) {
    if (cause.value("reason", "") != "ExitCode") continue;
    const auto text = cause.value("message", "");
    int code = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), code).ec == std::errc())
      return code;
  }
  return {};
}

}  // namespace

Call exec_call(const std::string& space, const ExecRequest& request) {
  Call call;
  call.path = object::path_of(*object::find_kind("v1", "Pod"), space, request.pod) + "/exec";
  for (const auto& word : request.command) call.query.emplace_back("command", word);
  if (!request.container.empty()) call.query.emplace_back("container", request.container);
  if (request.input) call.query.emplace_back("stdin", "true");
  call.query.emplace_back("stdout", "true");
  call.query.emplace_back(request.terminal ? "tty" : "stderr", "true");
  return call;
}

Exec::Exec(Client& client, const ExecRequest& request)
    : request_(request),
      socket_(client.upgrade(exec_call(client.name_space(), request), {protocol})) {}

void Exec::write(std::string_view input) {
  constexpr std::size_t piece = 32768;
  for (std::size_t at = 0; at < input.size(); at += piece)
    socket_->send(on_channel(channel_input, input.substr(at, piece)));
}

void Exec::end_input() {
  socket_->send(on_channel(channel_close, std::string(1, static_cast<char>(channel_input))));
}

void Exec::resize(int columns, int rows) {
  socket_->send(on_channel(channel_resize, json{{"Width", columns}, {"Height", rows}}.dump()));
}

void Exec::take(std::string_view message, const Sinks& sinks) {
  if (message.empty()) return;
  const auto payload = message.substr(1);
  switch (static_cast<unsigned char>(message[0])) {
    case channel_output:
      return sinks.output(payload);
    case channel_error:
      return sinks.error(payload);
    case channel_status:
      if (!payload.empty()) status_ = json::parse(payload, nullptr, false);
      return;
    default:  // the server closes a channel: what counts is the status
      return;
  }
}

bool Exec::step(const Sinks& sinks) {
  try {
    return socket_->step([&](std::string_view message) { take(message, sinks); });
  } catch (const net::TransportError&) {
    if (!status_) throw;
    return false;  // all has been said; some servers leave without a close frame
  }
}

int Exec::exit_code() const {
  if (!status_ || !status_->is_object())
    throw Error(ErrorKind::unreachable,
                "the connection to pod/" + request_.pod + " ended before the command did",
                "whether it goes on there is not known");
  if (status_->value("status", "") == "Success") return 0;
  if (const auto code = code_in(*status_)) return *code;
  throw Error(ErrorKind::invalid,
              "cannot run '" + base::join(request_.command, " ") + "' in pod/" + request_.pod +
                  ": " + status_->value("message", "the server does not say why"),
              "");
}

}  // namespace lotse::kube
