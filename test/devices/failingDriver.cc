// Stands between the addon and the real OpenCL loader: passes every call on, until the one at which it shall
// fail. Linux only.
//
// BNNW_FAULT says which call and how, in words: `<name> <call> <nth> <action>`
//   name    of the fault; another one starts to count anew
//   call    the function whose calls are counted, or `any`
//   nth     of those calls, from 0
//   action  a code (`-5`): the call is not made and returns it
//           `crash`: the process ends by SIGSEGV
//           `hang`: the call never returns
//           `wrong`: from this one on these calls tell and compute nothing that is right
//           `once`: this one alone tells or computes nothing that is right
// BNNW_FAULT_LOADER names the real loader; BNNW_FAULT_TRACE a file that gets the name of every call, a line each.
#include <dlfcn.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "../../native/src/opencl_api.h"

namespace {

constexpr int garbage = 0xA5;

struct Fault {
  std::string text, call, action;
  long nth = -1;
};

std::mutex mutex;
Fault fault;
long counted;
bool lies;

void trace(const char* call) {
  static const char* const path = std::getenv("BNNW_FAULT_TRACE");
  static FILE* const file = path != nullptr ? std::fopen(path, "a") : nullptr;
  if (file == nullptr) return;
  std::fprintf(file, "%s\n", call);
  std::fflush(file);
}

void readFault() {
  const char* text = std::getenv("BNNW_FAULT");
  if (fault.text == (text != nullptr ? text : "")) return;
  fault = Fault();
  counted = 0;
  lies = false;
  char name[64], call[64], action[64];
  if (text == nullptr || std::sscanf(text, "%63s %63s %ld %63s", name, call, &fault.nth, action) != 4) return;
  fault.text = text;
  fault.call = call;
  fault.action = action;
}

/// What this call shall do: nothing (""), or the fault's action.
std::string actionFor(const char* call) {
  const std::lock_guard<std::mutex> lock(mutex);
  trace(call);
  readFault();
  if (fault.nth < 0 || (fault.call != "any" && fault.call != call)) return "";
  if (lies) return "wrong";
  if (counted++ != fault.nth) return "";
  lies = fault.action == "wrong";
  return fault.action;
}

void* realFunction(const char* name) {
  static void* const library = [] {
    const char* chosen = std::getenv("BNNW_FAULT_LOADER");
    void* opened = dlopen(chosen != nullptr ? chosen : "libOpenCL.so.1", RTLD_NOW | RTLD_LOCAL);
    if (opened == nullptr) {
      std::fprintf(stderr, "%s\n", dlerror());
      std::abort();
    }
    return opened;
  }();
  return dlsym(library, name);
}

/// What the driver tells is 0xA5 in each byte.
template <class Handle>
cl_int lieOf(cl_int (*real)(Handle, cl_uint, size_t, void*, size_t*), Handle handle, cl_uint what, size_t size,
             void* value, size_t* needed) {
  const cl_int code = real(handle, what, size, value, needed);
  if (code == 0 && value != nullptr) std::memset(value, garbage, size);
  return code;
}

/// Each byte that comes from the device is wrong.
cl_int lieOf(cl_int (*real)(cl_command_queue, cl_mem, cl_bool, size_t, size_t, void*, cl_uint, const cl_event*,
                            cl_event*),
             cl_command_queue queue, cl_mem buffer, cl_bool, size_t offset, size_t bytes, void* target,
             cl_uint waits, const cl_event* waited, cl_event* event) {
  const cl_int code = real(queue, buffer, 1, offset, bytes, target, waits, waited, event);
  std::memset(target, garbage, bytes);
  return code;
}

/// Nothing that goes to the device arrives.
cl_int lieOf(cl_int (*real)(cl_command_queue, cl_mem, cl_bool, size_t, size_t, const void*, cl_uint,
                            const cl_event*, cl_event*),
             cl_command_queue queue, cl_mem buffer, cl_bool, size_t offset, size_t bytes, const void*,
             cl_uint waits, const cl_event* waited, cl_event* event) {
  const std::vector<unsigned char> wrong(bytes, garbage);
  return real(queue, buffer, 1, offset, bytes, wrong.data(), waits, waited, event);
}

/// All other calls are right.
template <class Function, class... Given>
auto lieOf(Function real, Given... given) {
  return real(given...);
}

template <class Result>
Result refuse(int code, cl_int* told) {
  if constexpr (std::is_pointer_v<Result>) {
    if (told != nullptr) *told = code;
    return nullptr;
  } else {
    return code;
  }
}

/// The last parameter of a function that makes a handle is where its code goes.
template <class Last>
cl_int* codeOf(Last last) {
  if constexpr (std::is_same_v<Last, cl_int*>)
    return last;
  else
    return nullptr;
}

template <class Name, class Function>
struct Wrapped;

template <class Name, class Result, class... Parameters>
struct Wrapped<Name, Result(Parameters...)> {
  static Result call(Parameters... given) {
    using Function = Result (*)(Parameters...);
    static const auto real = reinterpret_cast<Function>(realFunction(Name::text));
    const std::string action = actionFor(Name::text);
    if (action.empty()) return real(given...);
    if (action == "wrong" || action == "once") return lieOf(real, given...);
    if (action == "crash") *static_cast<volatile char*>(nullptr) = 0;  // a raised signal Node may survive
    while (action == "hang") pause();
    cl_int* told = codeOf(std::get<sizeof...(Parameters) - 1>(std::tuple<Parameters...>(given...)));
    return refuse<Result>(std::atoi(action.c_str()), told);
  }
};

}  // namespace

// Every function of the addon's table, under its own name: an indirect function needs no names of parameters.
#define BNNW_CL_WRAP(name, result, parameters)                        \
  namespace {                                                         \
  struct name##Name {                                                 \
    static constexpr const char* text = #name;                        \
  };                                                                  \
  using name##Wrapped = Wrapped<name##Name, result parameters>;       \
  }                                                                   \
  extern "C" {                                                        \
  static decltype(&name##Wrapped::call) name##Resolve() {             \
    return &name##Wrapped::call;                                      \
  }                                                                   \
  result name parameters __attribute__((ifunc(#name "Resolve")));     \
  }
BNNW_CL_FUNCTIONS(BNNW_CL_WRAP)
