/*
 * A libOpenCL without a device, for what a real driver does not do on demand: commands that fail, hang or are
 * counted. Commands take no time; command number n (from 0, over all queues) starts at 100 n and ends at
 * 100 n + 50 nanoseconds. They are pending until a wait or a finish.
 *
 * A kernel's name says what its launches do:
 *   `status <s> at <n>`   command number n ends with the status s
 *   `enqueue <c> at <n>`  enqueueing command number n fails with the code c
 *   `hang`                the next finish or wait never returns
 * The platform's name reports the counters: `commands 8, pending 0, events 0, most events 512`.
 * The devices are named after the forms in which they report their PCI address: KHR, NVIDIA, AMD, and OLD, which
 * refuses all that came after OpenCL 1.0.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SUCCESS = 0, INVALID_VALUE = -30 };
enum { DEVICE_KHR, DEVICE_NVIDIA, DEVICE_AMD, DEVICE_OLD, DEVICE_COUNT };

typedef struct { int number; int status; } Event;
typedef struct { char name[64]; } Kernel;

static int commands, completed, events, mostEvents, hangs;
static int failingNumber = -1, failingStatus;
static int ids[DEVICE_COUNT]; /* their addresses are the handles */

static int give(const void* value, size_t bytes, size_t size, void* target, size_t* needed) {
  if (needed) *needed = bytes;
  if (target && size < bytes) return INVALID_VALUE;
  if (target) memcpy(target, value, bytes);
  return SUCCESS;
}
static int giveText(const char* text, size_t size, void* target, size_t* needed) {
  return give(text, strlen(text) + 1, size, target, needed);
}

int clGetPlatformIDs(uint32_t count, void** platforms, uint32_t* found) {
  if (found) *found = 1;
  if (platforms && count > 0) platforms[0] = &commands;
  return SUCCESS;
}
int clGetPlatformInfo(void* platform, uint32_t what, size_t size, void* value, size_t* needed) {
  (void)platform;
  char text[128] = "fake";
  if (what == 0x0902) {
    snprintf(text, sizeof text, "commands %d, pending %d, events %d, most events %d", commands,
             commands - completed, events, mostEvents);
  }
  return giveText(text, size, value, needed);
}
int clGetDeviceIDs(void* platform, uint64_t type, uint32_t count, void** devices, uint32_t* found) {
  (void)platform, (void)type;
  if (found) *found = DEVICE_COUNT;
  for (uint32_t i = 0; devices && i < count && i < DEVICE_COUNT; ++i) devices[i] = &ids[i];
  return SUCCESS;
}

int clGetDeviceInfo(void* device, uint32_t what, size_t size, void* value, size_t* needed) {
  static const char* const names[] = {"KHR", "NVIDIA", "AMD", "OLD"};
  static const char* const extensions[] = {
      "cl_khr_pci_bus_info cl_khr_device_uuid cl_khr_integer_dot_product ",
      "cl_nv_device_attribute_query",
      "cl_amd_device_attribute_query",
      "",
  };
  const int id = (int)((int*)device - ids);
  const uint32_t number = what == 0x1022 ? 1 : 4;
  const uint64_t wide = what == 0x1000 ? 8 /* accelerator */ : 1 << 20;
  const size_t sizes[3] = {64, 8, 1};
  switch (what) {
    case 0x102B: return giveText(names[id], size, value, needed);
    case 0x1030: return giveText(extensions[id], size, value, needed);
    case 0x102C: case 0x102D: case 0x102F: return giveText(" fake 1.0 ", size, value, needed);
    case 0x1000: case 0x1010: case 0x101E: case 0x101F: case 0x1020: case 0x1023:
      return give(&wide, sizeof wide, size, value, needed);
    case 0x1004: case 0x1017: case 0x1025: return give(sizes, sizeof sizes[0], size, value, needed);
    case 0x1005: return give(sizes, sizeof sizes, size, value, needed);
    case 0x410F: {
      const uint32_t address[4] = {1, 0x2a, 3, 1};
      return id == DEVICE_KHR ? give(address, sizeof address, size, value, needed) : INVALID_VALUE;
    }
    case 0x106A: return give("0123456789abcdef", 16, size, value, needed);
    case 0x1075: {
      const uint32_t accelerated[6] = {1, 1, 0, 0, 0, 0};
      return give(accelerated, sizeof accelerated, size, value, needed);
    }
    case 0x4008: case 0x4009: case 0x400A: {
      const uint32_t address = what == 0x4008 ? 0x17 : what == 0x4009 ? (2 << 3 | 1) : 5;
      return id == DEVICE_NVIDIA ? give(&address, sizeof address, size, value, needed) : INVALID_VALUE;
    }
    case 0x4037: {
      uint8_t topology[24] = {0};
      topology[0] = 1, topology[21] = 0xc3, topology[22] = 0, topology[23] = 0;
      return id == DEVICE_AMD ? give(topology, sizeof topology, size, value, needed) : INVALID_VALUE;
    }
    default: break;
  }
  if (what > 0x1031) return INVALID_VALUE;
  return give(&number, sizeof number, size, value, needed);
}

void* clCreateContext(const intptr_t* properties, uint32_t count, void* const* devices, void* notify, void* data,
                      int* code) {
  (void)properties, (void)count, (void)devices, (void)notify, (void)data;
  *code = SUCCESS;
  return &commands;
}
int clReleaseContext(void* context) { return (void)context, SUCCESS; }
void* clCreateCommandQueue(void* context, void* device, uint64_t properties, int* code) {
  (void)context, (void)device, (void)properties;
  *code = SUCCESS;
  return &commands;
}
int clReleaseCommandQueue(void* queue) { return (void)queue, SUCCESS; }

static void hang(void) {
  while (hangs) pause();
}
int clFlush(void* queue) { return (void)queue, SUCCESS; }
int clFinish(void* queue) {
  (void)queue;
  hang();
  completed = commands;
  return SUCCESS;
}
int clWaitForEvents(uint32_t count, Event* const* waited) {
  hang();
  for (uint32_t i = 0; i < count; ++i) {
    if (completed <= waited[i]->number) completed = waited[i]->number + 1;
    if (waited[i]->status < 0) return -14;
  }
  return SUCCESS;
}

void* clCreateBuffer(void* context, uint64_t flags, size_t bytes, void* host, int* code) {
  (void)context, (void)flags, (void)bytes, (void)host;
  *code = SUCCESS;
  return &events;
}
int clReleaseMemObject(void* buffer) { return (void)buffer, SUCCESS; }

void* clCreateProgramWithSource(void* context, uint32_t count, const char** source, const size_t* lengths, int* code) {
  (void)context, (void)count, (void)source, (void)lengths;
  *code = SUCCESS;
  return &completed;
}
void* clCreateProgramWithBinary(void* context, uint32_t count, void* const* devices, const size_t* lengths,
                                const unsigned char** binaries, int* status, int* code) {
  (void)context, (void)count, (void)devices, (void)lengths, (void)binaries;
  *status = -42; /* the program is made all the same */
  *code = SUCCESS;
  return &completed;
}
/* Fails where the options are not empty. */
int clBuildProgram(void* program, uint32_t count, void* const* devices, const char* options, void* notify, void* data) {
  (void)program, (void)count, (void)devices, (void)notify, (void)data;
  return *options ? -11 : SUCCESS;
}
int clReleaseProgram(void* program) { return (void)program, SUCCESS; }
int clGetProgramInfo(void* program, uint32_t what, size_t size, void* value, size_t* needed) {
  (void)program;
  const size_t none = 0;
  return what == 0x1168 ? giveText("", size, value, needed) : give(&none, sizeof none, size, value, needed);
}
int clGetProgramBuildInfo(void* program, void* device, uint32_t what, size_t size, void* value, size_t* needed) {
  (void)program, (void)device, (void)what, (void)size, (void)value, (void)needed;
  return -59; /* keeps no log */
}

void* clCreateKernel(void* program, const char* name, int* code) {
  (void)program;
  Kernel* kernel = calloc(1, sizeof *kernel);
  snprintf(kernel->name, sizeof kernel->name, "%s", name);
  *code = SUCCESS;
  return kernel;
}
int clReleaseKernel(Kernel* kernel) {
  free(kernel);
  return SUCCESS;
}
int clGetKernelInfo(void* kernel, uint32_t what, size_t size, void* value, size_t* needed) {
  (void)kernel, (void)what;
  const uint32_t arguments = 0;
  return give(&arguments, sizeof arguments, size, value, needed);
}
int clGetKernelWorkGroupInfo(void* kernel, void* device, uint32_t what, size_t size, void* value, size_t* needed) {
  (void)kernel, (void)device, (void)what;
  const uint64_t number = 64;
  return give(&number, sizeof number, size, value, needed);
}
int clSetKernelArg(void* kernel, uint32_t index, size_t bytes, const void* value) {
  (void)kernel, (void)index, (void)bytes, (void)value;
  return SUCCESS;
}

static int enqueue(Event** event) {
  Event* made = calloc(1, sizeof *made);
  made->number = commands++;
  if (made->number == failingNumber) made->status = failingStatus;
  if (++events > mostEvents) mostEvents = events;
  *event = made;
  return SUCCESS;
}
int clEnqueueNDRangeKernel(void* queue, Kernel* kernel, uint32_t dimensions, const size_t* offset, const size_t* global,
                           const size_t* local, uint32_t waits, void* const* waitList, Event** event) {
  (void)queue, (void)dimensions, (void)offset, (void)global, (void)local, (void)waits, (void)waitList;
  int code, number;
  if (sscanf(kernel->name, "enqueue %d at %d", &code, &number) == 2 && number == commands) return code;
  if (sscanf(kernel->name, "status %d at %d", &code, &number) == 2) failingStatus = code, failingNumber = number;
  if (strcmp(kernel->name, "hang") == 0) hangs = 1;
  return enqueue(event);
}
int clEnqueueReadBuffer(void* queue, void* buffer, uint32_t blocking, size_t offset, size_t bytes, void* target,
                        uint32_t waits, void* const* waitList, Event** event) {
  (void)queue, (void)buffer, (void)blocking, (void)offset, (void)bytes, (void)target, (void)waits, (void)waitList;
  return enqueue(event);
}
int clEnqueueWriteBuffer(void* queue, void* buffer, uint32_t blocking, size_t offset, size_t bytes, const void* source,
                         uint32_t waits, void* const* waitList, Event** event) {
  (void)queue, (void)buffer, (void)blocking, (void)offset, (void)bytes, (void)source, (void)waits, (void)waitList;
  return enqueue(event);
}
int clGetEventInfo(Event* event, uint32_t what, size_t size, void* value, size_t* needed) {
  (void)what;
  const int queued = 3;
  return give(event->number < completed ? &event->status : &queued, sizeof(int), size, value, needed);
}
int clGetEventProfilingInfo(Event* event, uint32_t what, size_t size, void* value, size_t* needed) {
  if (event->number >= completed) return -7;
  const uint64_t nanoseconds = (uint64_t)event->number * 100 + (what == 0x1283 ? 50 : 0);
  return give(&nanoseconds, sizeof nanoseconds, size, value, needed);
}
int clReleaseEvent(Event* event) {
  --events;
  free(event);
  return SUCCESS;
}
