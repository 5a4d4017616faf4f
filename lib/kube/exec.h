#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kube/client.h"

namespace lotse::kube {

struct ExecRequest {
  std::string pod;
  std::string container = {};  ///< "": the pod's only one
  std::vector<std::string> command;
  bool input = false;     ///< standard input is sent
  bool terminal = false;  ///< the command gets a terminal; its standard error then comes as output
};

/// The call that starts the command, made without sending anything.
Call exec_call(const std::string& space, const ExecRequest& request);

/// A command in a container, its streams carried by a WebSocket (v5.channel.k8s.io: the first byte
/// of a message is its channel). It runs in the caller's loop: only `wait` waits.
class Exec {
 public:
  struct Sinks {
    std::function<void(std::string_view)> output;
    std::function<void(std::string_view)> error;
  };

  /// Starts the command. Throws the server's refusal: Error(not_found), Error(denied), ...
  Exec(Client& client, const ExecRequest& request);

  void write(std::string_view input);  ///< queues it; `step` sends
  void end_input();                    ///< lets the command read the end of its input
  void resize(int columns, int rows);  ///< of its terminal
  std::size_t unsent() const { return socket_->unsent(); }

  /// Handles what has come. False once the command has ended and all it wrote has been handed out.
  /// Throws TransportError if the connection broke off before.
  bool step(const Sinks& sinks);
  void wait(std::vector<pollfd>& others, std::chrono::milliseconds timeout) {
    socket_->wait(others, timeout);
  }

  /// After step said false: its exit code. Throws Error(invalid) if it could not be started.
  int exit_code() const;

 private:
  void take(std::string_view message, const Sinks& sinks);

  ExecRequest request_;
  std::unique_ptr<net::WebSocket> socket_;
  std::optional<json> status_;  // how it ended, as the server says it
};

}  // namespace lotse::kube
