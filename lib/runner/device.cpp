#include "runner/device.h"

#include <dlfcn.h>
#include <sched.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>

#include "base/error.h"
#include "base/log.h"
#include "contract/environment.h"

namespace lotse::runner {

namespace {

using base::ErrorKind;

constexpr auto companions =
    "libtorch_cuda.so and what it needs must lie beside libtorch_cpu.so, as the wheels that torch "
    "requires do once unpacked together.";

/// Asks the driver alone: loading libtorch_cuda takes seconds, which a machine without a GPU is
/// spared.
bool driver_sees_gpu() {
  void* driver = ::dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (driver == nullptr) return false;
  const auto initialize = reinterpret_cast<int (*)(unsigned)>(::dlsym(driver, "cuInit"));
  const auto count_gpus = reinterpret_cast<int (*)(int*)>(::dlsym(driver, "cuDeviceGetCount"));
  int count = 0;
  return initialize != nullptr && count_gpus != nullptr && initialize(0) == 0 &&
         count_gpus(&count) == 0 && count > 0;
}

std::filesystem::path torch_folder() {
  Dl_info info{};
  const auto address = reinterpret_cast<const void*>(&at::set_num_threads);
  if (::dladdr(address, &info) == 0 || info.dli_fname == nullptr) return {};
  return std::filesystem::path(info.dli_fname).parent_path();
}

struct Cuda {
  bool gpu = false;     ///< the driver shows one
  std::string problem;  ///< why it cannot be used; "" where it can
};

/// libtorch_cuda registers itself when it is loaded; nothing is linked against it.
Cuda load_cuda() {
  if (!driver_sees_gpu()) return {false, "the NVIDIA driver shows no GPU here"};
  const auto beside = torch_folder() / "libtorch_cuda.so";
  const auto library = std::filesystem::exists(beside) ? beside.string() : "libtorch_cuda.so";
  if (::dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) return {true, ::dlerror()};
  return {true, torch::cuda::is_available() ? "" : "libtorch finds no GPU that it can use"};
}

/// Must run before anything asks libtorch about CUDA: it remembers the answer.
const Cuda& cuda() {
  static const Cuda loaded = load_cuda();
  return loaded;
}

torch::Device cuda_device(int64_t index) {
  if (!cuda().problem.empty())
    throw base::Error(ErrorKind::invalid, "cannot use CUDA: " + cuda().problem,
                      cuda().gpu ? companions : "--device cpu runs without one.");
  const auto count = torch::cuda::device_count();
  if (index >= count)
    throw base::Error(ErrorKind::invalid, "there is no cuda:" + std::to_string(index) + ", only " +
                                              std::to_string(count) + " GPU(s)");
  return {torch::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

int64_t usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

/// How many GPUs whoever started us asked for.
bool gpu_was_asked_for() {
  const char* text = std::getenv(contract::environment::gpus);
  return text != nullptr && *text != '\0' && std::string_view(text) != "0";
}

/// A whole number above 0 of the environment; 0 where there is none.
int64_t number_in(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? 0 : std::max<int64_t>(0, std::strtol(text, nullptr, 10));
}

/// Each process of a pod has a GPU of its own.
torch::Device own_cuda_device() {
  return cuda_device(number_in(contract::environment::local_rank));
}

/// The outermost level of OMP_NUM_THREADS ("4", "4,2"); 0 if it is not set, or wrong: that is for
/// OpenMP to complain of.
int64_t threads_by_openmp() {
  return number_in("OMP_NUM_THREADS");
}

/// What a process of a pod has of the pod's threads.
int64_t share_of(int64_t threads) {
  return std::max<int64_t>(1, threads / processes_of_pod());
}

int64_t threads_by_environment() {
  const char* text = std::getenv(contract::environment::threads);
  if (text == nullptr || *text == '\0') return threads_by_openmp();
  const std::string_view given(text);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), value);
  if (error != std::errc() || end != given.data() + given.size() || value < 1)
    throw base::Error({{contract::environment::threads,
                        "'" + std::string(given) + "' is not a number of threads", ""}});
  return share_of(value);
}

}  // namespace

torch::Device choose_device(const std::string& wanted) {
  if (wanted == "cpu") return torch::kCPU;
  if (wanted == "auto") {
    if (cuda().problem.empty()) return own_cuda_device();
    if (gpu_was_asked_for())
      throw base::Error(
          ErrorKind::invalid,
          "a GPU was asked for (--gpus), but this runner cannot use one: " + cuda().problem,
          cuda().gpu ? companions : "--device cpu runs without one.");
    const auto why = "using the CPU: " + cuda().problem;
    if (cuda().gpu)
      base::log_warning(why);
    else
      base::log_debug(1, why);
    return torch::kCPU;
  }
  if (wanted == "cuda") return own_cuda_device();
  if (wanted.rfind("cuda:", 0) == 0) {
    int64_t index = 0;
    const char* end = wanted.data() + wanted.size();
    const auto parsed = std::from_chars(wanted.data() + 5, end, index);
    if (parsed.ec == std::errc() && parsed.ptr == end && index >= 0) return cuda_device(index);
  }
  throw base::Error({{"device", "'" + wanted + "' is no device", "auto, cpu, cuda or cuda:N"}});
}

torch::Tensor unit_floats(const torch::Tensor& bytes, const torch::Device& device) {
  return bytes.to(device, true).to(torch::kFloat32).div_(255);
}

int64_t processes_of_pod() {
  return std::max<int64_t>(1, number_in(contract::environment::processes_per_pod));
}

std::string device_name(const torch::Device& device) {
  return device.str();
}

int64_t set_threads(int64_t wanted) {
  int64_t threads = wanted > 0 ? wanted : threads_by_environment();
  if (threads == 0) threads = share_of(usable_cores());
  torch::set_num_threads(static_cast<int>(threads));
  return threads;
}

}  // namespace lotse::runner
