#pragma once
#include <torch/torch.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace lotse::runner::dist {

/// Which of the processes that train together this one is, and where the others are.
struct Membership {
  int64_t rank = 0;
  int64_t world_size = 1;
  std::string rendezvous_host;  ///< rank 0 keeps the store there
  int64_t rendezvous_port = 0;
  std::string host;  ///< the address under which the peers reach this process; empty: any
  std::chrono::seconds timeout{120};  ///< for the peers to come, and for each collective
};

/// Reads LOTSE_WORKERS, JOB_COMPLETION_INDEX, LOTSE_PROCESSES_PER_POD, LOTSE_LOCAL_RANK,
/// LOTSE_RENDEZVOUS and LOTSE_HOST; without them the process is alone. Throws Error(invalid) naming
/// the variable that is wrong or missing.
Membership membership_from_environment();

/// The processes that train together. Collectives block, in the same order on every rank; they are
/// c10d's over Gloo, whose ring adds up in the same order every time. Tensors: contiguous, CPU.
/// A peer that goes away, or does not answer in time, is Error(peer_lost).
class Group {
 public:
  /// Waits for all ranks, which may start in any order, and while the rendezvous has no address
  /// yet. Throws Error(peer_lost) after the timeout, Error(stopped) on a signal.
  static std::unique_ptr<Group> join(const Membership& membership);
  ~Group();

  int64_t rank() const { return membership_.rank; }
  int64_t size() const { return membership_.world_size; }

  void all_reduce(torch::Tensor& tensor);  ///< sum, in place
  void broadcast(torch::Tensor& tensor);   ///< rank 0's, in place
  /// The rows (any number from each rank, same columns) of all ranks, by rank.
  torch::Tensor gather_rows(const torch::Tensor& rows);

 private:
  struct Peers;
  explicit Group(const Membership& membership);
  Membership membership_;
  std::unique_ptr<Peers> peers_;  // null in a process that is alone
};

}  // namespace lotse::runner::dist
