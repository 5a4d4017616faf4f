#pragma once
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kube/client.h"

namespace lotse::kube {

/// Calls that are sent at once: together they take about as long as the slowest.
class Together {
 public:
  struct Answer {
    net::Response response = {};
    std::optional<net::Failure> broken = {};  ///< why nothing, or not all of it, came
  };

  Together(Client& client, std::vector<Call> calls);
  ~Together();  ///< what has not been answered yet is given up
  Together(const Together&) = delete;
  Together& operator=(const Together&) = delete;

  /// Sends them and calls `answered` for each as soon as its whole answer, or its failure, is
  /// there. What a busy server answers 429 is asked for again, together (patience.h).
  void wait(const std::function<void(size_t call, Answer& answer)>& answered);
  /// The same, but a 429 is an answer as others are.
  void wait_once(const std::function<void(size_t call, Answer& answer)>& answered);

 private:
  struct Sent {
    std::optional<net::Transport::Stream> stream;
    Answer answer;
    bool ended = false;
    bool told = false;
  };

  void open(size_t call);
  enum class Busy { told, kept };
  void wait_for_answers(Busy busy, const std::function<void(size_t, Answer&)>& answered);
  const Sent* longest_wait() const;

  Client& client_;
  std::vector<Call> calls_;
  std::vector<Sent> sent_;  ///< handlers of streams write into it
};

/// The answers to `calls`, in their order, HTTP errors included; what broke off or was not let in
/// is sent once more, as Client::send does it. Only for what may be carried out twice, as a read or
/// a dry run may.
std::vector<net::Response> send_together(Client& client, const std::vector<Call>& calls);

/// The same for what is carried out once: what broke off is not sent again.
std::vector<Together::Answer> write_together(Client& client, const std::vector<Call>& calls);

/// Throws as Client::object_or_throw does.
json object_of(const Client& client, const Call& call, const Together::Answer& answer);

/// Of these objects, each of which is named by its kind and name, what there is of each. Throws as
/// Client::find does.
std::vector<std::optional<json>> find_together(
    Client& client, const std::vector<std::pair<const object::Kind*, std::string>>& objects);

}  // namespace lotse::kube
