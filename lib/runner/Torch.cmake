# libtorch as imported targets: the wheel's own TorchConfig.cmake stops without a CUDA toolkit.
if(NOT EXISTS ${LOTSE_TORCH}/lib/libtorch_cpu.so)
  message(FATAL_ERROR "LOTSE_TORCH=${LOTSE_TORCH} holds no lib/libtorch_cpu.so")
endif()
foreach(name c10 torch_cpu)
  add_library(torch::${name} SHARED IMPORTED GLOBAL)
  set_target_properties(torch::${name} PROPERTIES IMPORTED_LOCATION ${LOTSE_TORCH}/lib/lib${name}.so)
endforeach()
add_library(lotse_torch INTERFACE)
target_include_directories(lotse_torch SYSTEM INTERFACE
  ${LOTSE_TORCH}/include ${LOTSE_TORCH}/include/torch/csrc/api/include)
target_compile_definitions(lotse_torch INTERFACE USE_C10D_GLOO _GLIBCXX_USE_CXX11_ABI=1)
target_link_libraries(lotse_torch INTERFACE torch::torch_cpu torch::c10)
# libtorch_cpu finds its companions (libcudart, libgomp) by its own run path.
target_link_options(lotse_torch INTERFACE -Wl,--allow-shlib-undefined)
