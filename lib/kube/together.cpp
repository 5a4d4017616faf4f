#include "kube/together.h"

#include "base/interrupt.h"
#include "kube/patience.h"
#include "kube/status.h"
#include "net/retry.h"
#include "object/reference.h"

namespace lotse::kube {

namespace {

/// As far as an error names it.
net::Request asked_of(const Client& client, const Call& call) {
  net::Request asked;
  asked.method = call.method;
  asked.url = client.settings().server + call.path;
  return asked;
}

}  // namespace

Together::Together(Client& client, std::vector<Call> calls)
    : client_(client), calls_(std::move(calls)), sent_(calls_.size()) {}

Together::~Together() {
  for (const auto& one : sent_)
    if (one.stream && !one.ended) client_.transport().close(*one.stream);
}

void Together::wait(const std::function<void(size_t, Answer&)>& answered) {
  Patience patience(client_.clock());
  for (size_t i = 0; i < calls_.size(); ++i) open(i);
  wait_for_answers(Busy::kept, answered);
  while (const auto* busy = longest_wait()) {
    const auto& response = busy->answer.response;
    if (!patience.waits_out(response))
      throw client_.refusal(calls_[static_cast<size_t>(busy - sent_.data())], response);
    for (size_t i = 0; i < sent_.size(); ++i) {
      if (sent_[i].told) continue;
      sent_[i] = {};
      open(i);
    }
    wait_for_answers(Busy::kept, answered);
  }
}

void Together::wait_once(const std::function<void(size_t, Answer&)>& answered) {
  for (size_t i = 0; i < calls_.size(); ++i) open(i);
  wait_for_answers(Busy::told, answered);
}

void Together::wait_for_answers(Busy busy, const std::function<void(size_t, Answer&)>& answered) {
  for (bool all = false; !all;) {
    all = true;
    for (size_t i = 0; i < sent_.size(); ++i) {
      auto& one = sent_[i];
      all = all && one.ended;
      const bool kept = busy == Busy::kept && !one.answer.broken &&
                        one.answer.response.status == too_many_requests;
      if (!one.ended || one.told || kept) continue;
      one.told = true;
      answered(i, one.answer);
    }
    if (!all) client_.transport().poll(std::chrono::seconds(1));
    base::throw_if_interrupted();
  }
}

/// Of the answers that are 429, the one that asks for the longest wait; null if there is none.
const Together::Sent* Together::longest_wait() const {
  const Sent* found = nullptr;
  for (const auto& one : sent_)
    if (!one.told && (found == nullptr || net::retry_after(one.answer.response) >
                                              net::retry_after(found->answer.response)))
      found = &one;
  return found;
}

void Together::open(size_t call) {
  auto& into = sent_[call];
  net::StreamHandler handler;
  handler.on_head = [&into](const net::Response& head) { into.answer.response = head; };
  handler.on_data = [&into](std::string_view bytes) { into.answer.response.body += bytes; };
  handler.on_end = [&into](const std::optional<net::Failure>& failure) {
    into.ended = true;
    into.answer.broken = failure;
  };
  into.stream = client_.open(calls_[call], std::move(handler), client_.settings().request_timeout);
}

std::vector<net::Response> send_together(Client& client, const std::vector<Call>& calls) {
  std::vector<net::Response> answers(calls.size());
  std::vector<size_t> again;
  Together(client, calls).wait([&](size_t i, Together::Answer& answer) {
    const auto& response = answer.response;
    if (answer.broken || response.status == unauthorized || net::retry_after(response))
      again.push_back(i);
    else
      answers[i] = std::move(answer.response);
  });
  for (const auto i : again) answers[i] = client.send(calls[i]);
  return answers;
}

std::vector<Together::Answer> write_together(Client& client, const std::vector<Call>& calls) {
  std::vector<Together::Answer> answers(calls.size());
  Together(client, calls).wait_once([&](size_t i, Together::Answer& answer) {
    answers[i] = std::move(answer);
  });
  for (size_t i = 0; i < calls.size(); ++i) {
    auto& [response, broken] = answers[i];
    if (!broken && (response.status == unauthorized || net::retry_after(response)))
      response = client.send(calls[i]);
  }
  return answers;
}

json object_of(const Client& client, const Call& call, const Together::Answer& answer) {
  if (answer.broken) throw net::TransportError(asked_of(client, call), *answer.broken);
  return client.object_of(call, answer.response);
}

std::vector<std::optional<json>> find_together(
    Client& client, const std::vector<std::pair<const object::Kind*, std::string>>& objects) {
  std::vector<Call> calls;
  for (const auto& [kind, name] : objects)
    calls.push_back(get_call(*kind, client.name_space(), name));
  const auto answers = send_together(client, calls);
  std::vector<std::optional<json>> found;
  for (size_t i = 0; i < calls.size(); ++i) {
    found.push_back(answers[i].status == not_found
                        ? std::nullopt
                        : std::optional(client.object_of(calls[i], answers[i])));
  }
  return found;
}

}  // namespace lotse::kube
