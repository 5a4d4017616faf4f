#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "support/acceptor.h"
#include "support/certificates.h"

/// An HTTP/1.1 server on a real socket that answers what a test has written down.
namespace lotse::test {

/// A request that came in.
struct Received {
  std::string method;
  std::string target;                          ///< path and query
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  int connection = 0;  ///< on which it came, from 1
  std::chrono::steady_clock::time_point at;
};

/// Reads and writes a connection that goes on with another protocol than HTTP.
struct Raw {
  std::function<bool(std::string& buffer)> read_more;  ///< false at the end
  std::function<bool(std::string_view bytes)> write;
};

/// How the server answers one request.
struct Answer {
  enum class End {
    keep,   ///< the body is whole, the connection stays
    close,  ///< the connection is closed after what was sent
    reset,  ///< the connection is reset (RST) after what was sent
    hang,   ///< silence after what was sent, until the server ends
  };
  int status = 200;  ///< 0: not even a status line
  std::map<std::string, std::string> headers = {};
  std::string body = {};
  std::vector<std::string> pieces = {};  ///< instead of `body`: sent one by one, chunked
  std::chrono::milliseconds pause{0};    ///< before the answer and before each piece
  End end = End::keep;
  std::function<void(Raw& raw)> talk = {};  ///< called behind the head; then the connection ends
};

struct ServerOptions {
  bool tls = false;
  Certificates certificates = {};
  bool ask_client_certificate = false;
  int newest_tls = 0;  ///< e.g. TLS1_1_VERSION; 0: the newest
};

/// Serves on 127.0.0.1 in threads of its own until it is destroyed.
class ScriptedServer {
 public:
  using Script = std::function<Answer(const Received&, int number)>;  ///< number from 1

  explicit ScriptedServer(Script script, ServerOptions options = {});
  /// A script that gives these answers in order and repeats the last one.
  explicit ScriptedServer(std::vector<Answer> answers, ServerOptions options = {});

  int port() const { return acceptor_.port(); }
  std::string url(const std::string& path = "/") const;  ///< http(s)://127.0.0.1:PORT + path
  std::vector<Received> received() const;
  int connections() const { return acceptor_.connections(); }
  std::string client_name() const;  ///< common name of the last client certificate, or ""

 private:
  class Peer;
  void serve(int socket, int connection);
  bool reply(Peer& peer, const Answer& answer);
  static void talk(Peer& peer, const Answer& answer);
  void wait(std::chrono::milliseconds duration) const;

  Script script_;
  ServerOptions options_;
  TlsContext tls_;  ///< none without TLS
  mutable std::mutex mutex_;
  std::vector<Received> received_;
  std::string client_name_;
  Acceptor acceptor_;  // declared last, because its threads use the other members
};

}  // namespace lotse::test
