// A libOpenCL without a device, for what a real driver does not do on demand: commands that fail, hang or are
// counted. Commands take no time; command number n (from 0, over all queues) starts at 100 n and ends at
// 100 n + 50 nanoseconds. They are pending until a wait or a finish.
//
// A kernel's name says what its launches do:
//   `status <s> at <n>`   command number n ends with the status s
//   `enqueue <c> at <n>`  enqueueing command number n fails with the code c
//   `hang`                the next finish or wait never returns
// When the process exits the driver ends, as real ones do by the destructors of what their first commands made: a
// command after that ends the process by SIGABRT.
// The platform's name reports the counters: `commands 8, pending 0, events 0, most events 512`.
// The devices are named after the forms in which they report their PCI address: KHR, NVIDIA, AMD, and OLD,
// which refuses all that came after OpenCL 1.0.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "../../native/src/opencl_api.h"

namespace {

constexpr cl_int invalidValue = CL_INVALID_VALUE;
constexpr cl_int queued = 3;

struct Event {
  int number;
  cl_int status;
  int references = 1;
};

enum DeviceIndex { khr, nvidia, amd, old, deviceCount };

int commands, completed, events, mostEvents;
bool hangs;
int failingNumber = -1;
cl_int failingStatus;
char
    handles[deviceCount];  // their addresses are the handles of the devices and of all that is not told apart

cl_int give(const void* value, size_t bytes, size_t size, void* target, size_t* needed) {
  if (needed) *needed = bytes;
  if (target && size < bytes) return invalidValue;
  if (target) std::memcpy(target, value, bytes);
  return CL_SUCCESS;
}

cl_int giveText(const std::string& text, size_t size, void* target, size_t* needed) {
  return give(text.c_str(), text.size() + 1, size, target, needed);
}

struct Ending {
  bool ended = false;
  ~Ending() {
    ended = true;
    usleep(100'000);  // a run that is still in progress comes to its next command within this time
  }
};

cl_int enqueue(Event** event) {
  static Ending ending;
  if (ending.ended) std::abort();
  *event = new Event{commands, commands == failingNumber ? failingStatus : CL_SUCCESS};
  ++commands;
  mostEvents = std::max(mostEvents, ++events);
  return CL_SUCCESS;
}

void hangWhereAsked() {
  while (hangs) pause();
}

}  // namespace

extern "C" {

cl_int clGetPlatformIDs(cl_uint count, void** platforms, cl_uint* found) {
  if (found) *found = 1;
  if (platforms && count > 0) platforms[0] = handles;
  return CL_SUCCESS;
}

cl_int clGetPlatformInfo(void*, cl_uint what, size_t size, void* value, size_t* needed) {
  if (what != CL_PLATFORM_NAME) return giveText("fake", size, value, needed);
  char text[128];
  std::snprintf(text, sizeof text, "commands %d, pending %d, events %d, most events %d", commands,
                commands - completed, events, mostEvents);
  return giveText(text, size, value, needed);
}

cl_int clGetDeviceIDs(void*, cl_bitfield, cl_uint count, void** devices, cl_uint* found) {
  if (found) *found = deviceCount;
  for (cl_uint i = 0; devices && i < count && i < deviceCount; ++i) devices[i] = &handles[i];
  return CL_SUCCESS;
}

cl_int clGetDeviceInfo(void* device, cl_uint what, size_t size, void* value, size_t* needed) {
  static const char* const names[] = {"KHR", "NVIDIA", "AMD", "OLD"};
  static const char* const extensions[] = {
      "cl_khr_pci_bus_info cl_khr_device_uuid cl_khr_integer_dot_product ",
      "cl_nv_device_attribute_query",
      "cl_amd_device_attribute_query",
      "",
  };
  const auto index = static_cast<char*>(device) - handles;
  const auto number = [&](auto n) { return give(&n, sizeof n, size, value, needed); };
  switch (what) {
    case CL_DEVICE_NAME: return giveText(names[index], size, value, needed);
    case CL_DEVICE_EXTENSIONS: return giveText(extensions[index], size, value, needed);
    case CL_DEVICE_VENDOR:
    case CL_DRIVER_VERSION:
    case CL_DEVICE_VERSION: return giveText(" fake 1.0 ", size, value, needed);
    case CL_DEVICE_TYPE: return number(CL_DEVICE_TYPE_ACCELERATOR);
    case CL_DEVICE_LOCAL_MEM_TYPE: return number(CL_LOCAL);
    case CL_DEVICE_MAX_MEM_ALLOC_SIZE:
    case CL_DEVICE_GLOBAL_MEM_CACHE_SIZE:
    case CL_DEVICE_GLOBAL_MEM_SIZE:
    case CL_DEVICE_MAX_CONSTANT_BUFFER_SIZE:
    case CL_DEVICE_LOCAL_MEM_SIZE: return number(cl_ulong{1} << 20);
    case CL_DEVICE_MAX_WORK_GROUP_SIZE:
    case CL_DEVICE_MAX_PARAMETER_SIZE:
    case CL_DEVICE_PROFILING_TIMER_RESOLUTION: return number(size_t{64});
    case CL_DEVICE_MAX_WORK_ITEM_SIZES: {
      const size_t sizes[] = {64, 8, 1};
      return give(sizes, sizeof sizes, size, value, needed);
    }
    case CL_DEVICE_PCI_BUS_INFO_KHR: {
      const cl_uint address[] = {1, 0x2a, 3, 1};
      return index == khr ? give(address, sizeof address, size, value, needed) : invalidValue;
    }
    case CL_DEVICE_UUID_KHR: return give("0123456789abcdef", 16, size, value, needed);
    case CL_DEVICE_INTEGER_DOT_PRODUCT_ACCELERATION_PROPERTIES_4x8BIT_PACKED_KHR: {
      const cl_bool accelerated[] = {CL_TRUE, CL_TRUE, CL_FALSE, CL_FALSE, CL_FALSE, CL_FALSE};
      return give(accelerated, sizeof accelerated, size, value, needed);
    }
    case CL_DEVICE_PCI_BUS_ID_NV: return index == nvidia ? number(cl_uint{0x17}) : invalidValue;
    case CL_DEVICE_PCI_SLOT_ID_NV: return index == nvidia ? number(cl_uint{2 << 3 | 1}) : invalidValue;
    case CL_DEVICE_PCI_DOMAIN_ID_NV: return index == nvidia ? number(cl_uint{5}) : invalidValue;
    case CL_DEVICE_TOPOLOGY_AMD: {
      uint8_t topology[24] = {};
      topology[0] = 1;      // PCI Express
      topology[21] = 0xc3;  // bus
      return index == amd ? give(topology, sizeof topology, size, value, needed) : invalidValue;
    }
    default: return what > CL_DEVICE_EXTENSIONS ? invalidValue : number(cl_uint{4});
  }
}

void* clCreateContext(const intptr_t*, cl_uint, void* const*, void*, void*, cl_int* code) {
  *code = CL_SUCCESS;
  return handles;
}
cl_int clReleaseContext(void*) { return CL_SUCCESS; }

void* clCreateCommandQueue(void*, void*, cl_bitfield, cl_int* code) {
  *code = CL_SUCCESS;
  return handles;
}
cl_int clReleaseCommandQueue(void*) { return CL_SUCCESS; }
cl_int clFlush(void*) { return CL_SUCCESS; }
cl_int clFinish(void*) {
  hangWhereAsked();
  completed = commands;
  return CL_SUCCESS;
}

cl_int clWaitForEvents(cl_uint count, Event* const* waited) {
  constexpr cl_int errorInWaitList = -14;
  hangWhereAsked();
  cl_int code = CL_SUCCESS;
  for (cl_uint i = 0; i < count; ++i) {
    completed = std::max(completed, waited[i]->number + 1);
    if (waited[i]->status < 0) code = errorInWaitList;
  }
  return code;
}

void* clCreateBuffer(void*, cl_bitfield, size_t, void*, cl_int* code) {
  *code = CL_SUCCESS;
  return handles;
}
cl_int clReleaseMemObject(void*) { return CL_SUCCESS; }

void* clCreateProgramWithSource(void*, cl_uint, const char**, const size_t*, cl_int* code) {
  *code = CL_SUCCESS;
  return handles;
}
void* clCreateProgramWithBinary(void*, cl_uint, void* const*, const size_t*, const unsigned char**,
                                cl_int* status, cl_int* code) {
  constexpr cl_int invalidBinary = -42;
  *status = invalidBinary;  // the call itself succeeds all the same
  *code = CL_SUCCESS;
  return handles;
}
/// Fails where the options are not empty.
cl_int clBuildProgram(void*, cl_uint, void* const*, const char* options, void*, void*) {
  constexpr cl_int buildProgramFailure = -11;
  return *options ? buildProgramFailure : CL_SUCCESS;
}
cl_int clReleaseProgram(void*) { return CL_SUCCESS; }
/// No kernel names and no binaries.
cl_int clGetProgramInfo(void*, cl_uint what, size_t size, void* value, size_t* needed) {
  const size_t none = 0;
  return what == CL_PROGRAM_KERNEL_NAMES ? giveText("", size, value, needed)
                                         : give(&none, sizeof none, size, value, needed);
}
/// Keeps no log.
cl_int clGetProgramBuildInfo(void*, void*, cl_uint, size_t, void*, size_t*) { return invalidValue; }

std::string* clCreateKernel(void*, const char* name, cl_int* code) {
  *code = CL_SUCCESS;
  return new std::string(name);
}
cl_int clReleaseKernel(std::string* kernel) {
  delete kernel;
  return CL_SUCCESS;
}
cl_int clGetKernelInfo(void*, cl_uint, size_t size, void* value, size_t* needed) {
  const cl_uint arguments = 0;
  return give(&arguments, sizeof arguments, size, value, needed);
}
cl_int clGetKernelWorkGroupInfo(void*, void*, cl_uint, size_t size, void* value, size_t* needed) {
  const cl_ulong number = 64;
  return give(&number, sizeof number, size, value, needed);
}
cl_int clSetKernelArg(void*, cl_uint, size_t, const void*) { return CL_SUCCESS; }

cl_int clEnqueueNDRangeKernel(void*, std::string* kernel, cl_uint, const size_t*, const size_t*,
                              const size_t*, cl_uint, void* const*, Event** event) {
  const char* name = kernel->c_str();
  cl_int code;
  int number;
  if (std::sscanf(name, "enqueue %d at %d", &code, &number) == 2 && number == commands) return code;
  if (std::sscanf(name, "status %d at %d", &code, &number) == 2) {
    failingStatus = code;
    failingNumber = number;
  }
  if (*kernel == "hang") hangs = true;
  return enqueue(event);
}
cl_int clEnqueueReadBuffer(void*, void*, cl_bool, size_t, size_t, void*, cl_uint, void* const*,
                           Event** event) {
  return enqueue(event);
}
cl_int clEnqueueWriteBuffer(void*, void*, cl_bool, size_t, size_t, const void*, cl_uint, void* const*,
                            Event** event) {
  return enqueue(event);
}

void* clEnqueueMapBuffer(void*, void*, cl_bool, cl_bitfield, size_t, size_t bytes, cl_uint, void* const*, Event**,
                         cl_int* code) {
  *code = CL_SUCCESS;
  return std::malloc(bytes);
}
cl_int clEnqueueUnmapMemObject(void*, void*, void* mapped, cl_uint, void* const*, Event**) {
  std::free(mapped);
  return CL_SUCCESS;
}

cl_int clGetEventInfo(Event* event, cl_uint, size_t size, void* value, size_t* needed) {
  return give(event->number < completed ? &event->status : &queued, sizeof(cl_int), size, value, needed);
}
cl_int clGetEventProfilingInfo(Event* event, cl_uint what, size_t size, void* value, size_t* needed) {
  constexpr cl_int profilingInfoNotAvailable = -7;
  if (event->number >= completed) return profilingInfoNotAvailable;
  const cl_ulong nanoseconds = cl_ulong(event->number) * 100 + (what == CL_PROFILING_COMMAND_END ? 50 : 0);
  return give(&nanoseconds, sizeof nanoseconds, size, value, needed);
}
cl_int clRetainEvent(Event* event) {
  ++event->references;
  return CL_SUCCESS;
}
cl_int clReleaseEvent(Event* event) {
  if (--event->references > 0) return CL_SUCCESS;
  --events;
  delete event;
  return CL_SUCCESS;
}

}  // extern "C"
