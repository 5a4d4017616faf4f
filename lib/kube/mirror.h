#pragma once
#include <chrono>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "kube/client.h"

namespace lotse::kube {

/// The objects of some kinds as the server has them, kept up to date: a list, then a watch (see
/// watch.h), and a new list only if the server no longer knows the watch's version (410).
class Mirror {
 public:
  /// Makes the first list at once. Throws as Client::list does.
  Mirror(Client& client, const std::vector<const object::Kind*>& kinds, Selector selector,
         base::Clock& clock = base::system_clock());
  ~Mirror();
  Mirror(const Mirror&) = delete;
  Mirror& operator=(const Mirror&) = delete;

  std::vector<json> objects() const;
  uint64_t generation() const;  ///< grows with every change

  /// Waits until the generation has grown; also returns after `timeout`, or when the user
  /// interrupts. Throws Error(denied) if the server no longer allows it.
  void wait(std::chrono::milliseconds timeout);
  /// Opens the watches that are due to be opened; for a caller that polls the transport itself.
  void tend();

 private:
  struct Watched;
  Client& client_;
  Selector selector_;
  base::Clock& clock_;
  std::vector<std::unique_ptr<Watched>> watched_;
};

}  // namespace lotse::kube
