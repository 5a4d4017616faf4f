#pragma once
#include <torch/torch.h>

#include <string>

namespace lotse::runner {

/// "auto", "cpu", "cuda" or "cuda:N". auto: as cuda where libtorch_cuda.so can be loaded (from
/// beside libtorch_cpu, or the library path) and a GPU answers, else the CPU. cuda: the first GPU;
/// of several processes in a pod each takes its own, by LOTSE_LOCAL_RANK. Throws Error(invalid) for
/// other words, and where a GPU is asked for, by the word or by LOTSE_GPUS with auto, and cannot be
/// used.
torch::Device choose_device(const std::string& wanted);

/// Pictures as floats in [0, 1] on the device, of bytes and in their order in memory. They travel
/// as bytes, a quarter of the floats, and from pinned memory without the processor's waiting.
torch::Tensor unit_floats(const torch::Tensor& bytes, const torch::Device& device);

/// "cpu", "cuda:0".
std::string device_name(const torch::Device& device);

/// How many processes share the pod's cores and memory: LOTSE_PROCESSES_PER_POD, else 1.
int64_t processes_of_pod();

/// Sets the number of compute threads: `wanted`, or if it is 0 LOTSE_THREADS, or OMP_NUM_THREADS,
/// or else the cores this process may run on; of LOTSE_THREADS and the cores each process of a pod
/// takes its share. Returns it. Throws Error(invalid) if LOTSE_THREADS is not a number above 0.
int64_t set_threads(int64_t wanted);

}  // namespace lotse::runner
